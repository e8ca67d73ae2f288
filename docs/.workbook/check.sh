# shellcheck shell=bash
# A check as a job of its own: builds what the exercise needs, runs its test, which writes events.
# docs/grading.md describes the events. SPDX-License-Identifier: Apache-2.0

work=.build/workbook
events=$work/events

# Builds everything, checks included, and remembers when.
build_tests() {
    mkdir -p "$work"
    touch "$work/begun"
    swift build --build-tests && swift build --show-bin-path >"$work/products" &&
        mv "$work/begun" "$work/tests-built"
}

# Whether the checks have to be built: for the first time, or because what they are made of has
# changed. They judge programs; only 5.2 looks at stage 5's codec without a socket, as a part of them.
needs_tests() {
    local sources="Package.swift Tests/ConformanceTests"
    case $1 in
    5.2) sources="$sources $(stage_folder 5)/FrameCodec.swift" ;;
    esac
    [ -e "$work/tests-built" ] && [ -d "$(cat "$work/products")" ] || return 0
    # shellcheck disable=SC2086  # A word for every folder.
    [ -n "$(find $sources \( -type d -o -name '*.swift' \) -newer "$work/tests-built" | head -n 1)" ]
}

# Builds what the check of an exercise needs, and no more.
build_for() {
    if needs_tests "$1"; then
        build_tests
    else
        swift build --product "$(stage_folder "$1")"
    fi
}

# Runs one class of the tests, without swift test where that can be: it takes seconds to begin.
run_tests() {
    local products tests
    products=$(cat "$work/products")
    # One program for all tests; or, from Swift 6.4 on, one for each target of tests.
    for tests in "$products/tcp-workbookPackageTests.xctest" "$products/ConformanceTests-test-runner"; do
        if [ -d "$tests" ]; then
            exec xcrun xctest -XCTest "ConformanceTests.$1" "$tests"
        elif [ -x "$tests" ]; then
            exec "$tests" "ConformanceTests.$1"
        fi
    done
    exec swift test --skip-build --disable-swift-testing --filter "ConformanceTests.$1"
}

# The job itself; its exit status is that of docs/workbook check.
check_job() {
    say building >"$work/phase"
    build_for "$1" >"$work/build.log" 2>&1 || return "$exit_build"
    say checking >"$work/phase"
    (EXERCISE=$1 WORKBOOK_EVENTS=$PWD/$events run_tests ExerciseTests) >"$work/check.log" 2>&1
    case $(awk -F '\t' '$1 == "verdict" { print $2 }' "$events") in
    solved) return 0 ;;
    unsolved) return "$exit_unsolved" ;;
    *) return "$exit_trouble" ;;
    esac
}

# Starts the job in a process group of its own, so that all of it can be ended.
begin_run() {
    mkdir -p "$work"
    rm -f "$work/status"
    : >"$events"
    say building >"$work/phase"
    run_start=$SECONDS
    set -m
    (
        check_job "$1"
        say $? >"$work/status.new"
        mv "$work/status.new" "$work/status"
    ) </dev/null >/dev/null 2>&1 &
    run=$!
    set +m
}

# Whether the job has come to its end; one that was killed has left no status.
has_run_ended() { [ -e "$work/status" ] || ! kill -0 "$run" 2>/dev/null; }

# Lets go of a job that has ended; sets run_status.
finish_run() {
    wait "$run" 2>/dev/null
    run=""
    run_status=$(cat "$work/status" 2>/dev/null) || run_status=$exit_trouble
}

# Ends the job and all that it has started, if there is one.
end_run() {
    local tries=0
    [ -n "${run-}" ] || return 0
    kill -TERM -- "-$run" 2>/dev/null
    # A build takes its compilers along when it is asked to end, but not when it is killed.
    while kill -0 -- "-$run" 2>/dev/null && [ "$tries" -lt 20 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -KILL -- "-$run" 2>/dev/null
    wait "$run" 2>/dev/null
    run=""
}

# One line about a job that is under way.
progress_line() {
    local elapsed=$((SECONDS - run_start))
    case $(cat "$work/phase" 2>/dev/null) in
    checking) awk -F '\t' -v elapsed="$elapsed" '
        $1 == "total" { total = $2 }
        $1 == "row" { done++ }
        $1 == "begin" { title = $2 }
        END {
            printf "checking, %d s: %d of %s rows done", elapsed, done, total == "" ? "?" : total
            if (title != "") printf ", now: %s", title
        }' "$events" ;;
    *)
        printf 'building, %s s' "$elapsed"
        ! grep -q 'Another instance of SwiftPM' "$work/build.log" 2>/dev/null ||
            printf ': waits for another build, perhaps that of your editor'
        ;;
    esac
}

# A bar and figures: rows that are right, of all that have to be. Of a Break exercise, some have to be red.
rows_line() {
    awk -F '\t' '
        $1 == "total" { total = $2 }
        $1 == "row" && $3 != "red" { right++ }
        $1 == "row" && $3 == "broken" { broken++ }
        END {
            if (!total) exit
            filled = int(right * 20 / total)
            bar = substr("####################", 1, filled) substr("....................", filled + 1)
            if (broken) printf "[%s] %d of %d rows as they have to be, %d of them red\n", bar, right, total, broken
            else printf "[%s] %d of %d rows right\n", bar, right, total
        }' "$events"
}

# What a run has to say to the learner:  result_text 4.2 STATUS
result_text() {
    case $2 in
    "$exit_build") build_complaint "$1" ;;
    "$exit_trouble") trouble_text ;;
    *) awk -F '\t' '$1 == "message" { sub(/^message\t/, ""); print }' "$events" ;;
    esac
}

# The first error of a build, with its place, and the way back.
build_complaint() {
    local folder added count
    folder=$(stage_folder "$1")
    say "${red}It does not compile${plain}, so nothing could be checked." ""
    if grep -q ': error: ' "$work/build.log"; then
        # Each appears once for every module that is built: the first is the one.
        grep -m 1 -A 5 ': error: ' "$work/build.log" | sed "s|$PWD/||g"
        count=$(grep ': error: ' "$work/build.log" | sort -u | grep -c '')
        [ "$count" -le 1 ] || say "" "… and $((count - 1)) more; the first often explains them."
    else
        tail -n 15 "$work/build.log" | sed "s|$PWD/||g"
    fi
    say "" "What you have changed:  git diff $folder" \
        "The way back:           docs/workbook reset $1"
    # git diff does not know of files that were added.
    added=$(git ls-files --others --exclude-standard "$folder")
    [ -z "$added" ] || say "Files that you have added, compiled as well:" "$added"
}

# The check itself ended before it could judge.
trouble_text() {
    say "${red}The check has ended without a verdict.${plain} Its last words, from $work/check.log:" ""
    tail -n 12 "$work/check.log" 2>/dev/null
}

# Checks an exercise once.
command_check() {
    local number status
    [ $# -gt 0 ] || set -- "$(last_exercise)"
    need_exercise check "$@"
    [ $# -eq 1 ] || usage check
    number=$1
    note_last "$number begun"
    trap 'end_run; exit 130' INT TERM HUP
    run_and_show "$number"
    while asks_for_prediction && [ -t 0 ] && ask_for_prediction "$number"; do
        run_and_show "$number"
    done
    exit "$status"
}

# Runs the job, says how far it is, and then what came of it; sets status.
run_and_show() {
    local number=$1
    say "${bold}$(heading "$number")${plain}"
    begin_run "$number"
    follow_quietly
    finish_run
    status=$run_status
    if asks_for_prediction; then
        result_text "$number" "$status" | page
    else
        result_text "$number" "$status"
    fi
    rows_line
    asks_for_prediction || after_check "$number" "$status"
}

# Follows a job: on a terminal with one line that changes, elsewhere with a line for every row.
follow_quietly() {
    local shown=0 line silent=0
    while ! has_run_ended; do
        sleep 0.2
        if [ -t 1 ]; then
            line=$(progress_line)
            printf '\r\033[K%s' "$(printf %s "$line" | cut -c "1-$(($(text_width) - 1))")"
        else
            line=$(rows_since "$shown")
            silent=$((silent + 1))
            if [ -n "$line" ]; then
                say "$line"
                shown=$(awk 'END { print NR }' "$events")
                silent=0
            elif [ "$silent" -ge 8 ]; then
                say "  … $(progress_line)"
                silent=0
            fi
        fi
    done
    [ ! -t 1 ] || printf '\r\033[K'
}

# The rows that were judged behind a line of the events.
rows_since() {
    awk -F '\t' -v shown="$1" 'NR > shown && $1 == "row" {
        print ($3 == "red" ? "  red   " : "  ok    ") $2 " (" $4 " s)" \
            ($3 == "broken" ? ", red as it has to be" : "")
    }' "$events"
}

# What one can do next.
after_check() {
    case $2 in
    0) say "" "${green}Solved.${plain}" "" "Next: docs/workbook reset $1    puts the workbook's own back, and keeps yours" \
        "      docs/workbook next" ;;
    "$exit_unsolved") say "" "A hint: docs/workbook hint $1 ($(hints_seen "$1") of $(hint_count "$1") seen)" ;;
    esac
}

# Whether the run has found no prediction where it wants one.
asks_for_prediction() { grep -q '^asks	prediction' "$events"; }

# Asks for the numbers of rows until there is nothing else in the answer, and writes them where the check looks
# for them; fails if nothing is answered.
ask_for_prediction() {
    local answer most wrong file=docs/exercises/answers.txt
    most=$(awk -F '\t' '$1 == "asks" { print $3 }' "$events")
    while :; do
        printf 'Your prediction, numbers with spaces between them (? shows the rows): '
        read -r answer || return 1
        case $answer in
        "?") result_text "$1" "$exit_unsolved" | page && continue ;;
        *[![:space:]]*) ;;
        *) return 1 ;;
        esac
        wrong=$(say "$answer" | not_in 1 "$most")
        [ -n "$wrong" ] || break
        say "Not understood: $wrong. The rows have the numbers 1 to $most."
    done
    answer=$(say "$answer" | tr -s ',;.' ' ')
    awk -v start="$1 prediction (" -v answer="$answer" '
        index($0, start) == 1 { sub(/:.*/, ": " answer) }
        { print }' "$file" >"$work/answers" && cat "$work/answers" >"$file"
}

# The words on standard input that are no numbers from one to another:  not_in 1 29
not_in() {
    awk -v least="$1" -v most="$2" '
        {
            gsub(/[,;.]/, " ")
            for (i = 1; i <= NF; i++)
                if ($i !~ /^[0-9]+$/ || $i + 0 < least + 0 || $i + 0 > most + 0) wrong = wrong " " $i
        }
        END { print substr(wrong, 2) }'
}
