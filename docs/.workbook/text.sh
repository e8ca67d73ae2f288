# shellcheck shell=bash
# Markdown on a terminal: paragraphs as wide as the screen, code as it is, links without addresses.
# SPDX-License-Identifier: Apache-2.0

# Shows the Markdown on standard input.
show_markdown() {
    awk -v width="$(text_width)" -v bold="$bold" -v dim="$dim" -v plain="$plain" '
        # [text](address) becomes text; **word** becomes bold.
        function inline(text,    before, link) {
            while (match(text, /\[[^]]*\]\([^)]*\)/)) {
                link = substr(text, RSTART + 1, RLENGTH - 1)
                sub(/\]\(.*/, "", link)
                text = substr(text, 1, RSTART - 1) link substr(text, RSTART + RLENGTH)
            }
            while (match(text, /\*\*[^*]+\*\*/))
                text = substr(text, 1, RSTART - 1) bold substr(text, RSTART + 2, RLENGTH - 4) plain \
                    substr(text, RSTART + RLENGTH)
            return text
        }
        # The paragraph so far, in lines; those of a list are indented behind its sign.
        function flush(    words, count, i, line, indent, word) {
            if (paragraph == "") return
            indent = paragraph ~ /^- / ? "  " : ""
            count = split(inline(paragraph), words, " ")
            line = ""
            for (i = 1; i <= count; i++) {
                word = words[i]
                if (line != "" && length(line) + 1 + length(word) > width) {
                    print line
                    line = indent word
                } else line = line == "" ? word : line " " word
            }
            print line
            paragraph = ""
        }
        /^```/ { flush(); fenced = !fenced; next }
        fenced { print "    " $0; empty = 0; next }
        /^<!--/ { flush(); next }
        # Grade, kind and minutes: a line of their own.
        /^\*[^*]+\*$/ { flush(); print dim substr($0, 2, length($0) - 2) plain; empty = 0; next }
        /^    / && paragraph == "" { print; empty = 0; next }
        /^$/ { flush(); if (!empty) print ""; empty = 1; next }
        { empty = 0 }
        /^- / || /^\|/ { flush() }
        /^\|/ { print inline($0); next }
        { sub(/^ +/, ""); paragraph = paragraph == "" ? $0 : paragraph " " $0 }
        END { flush() }'
}
