#!/bin/sh
# lint.sh: formatting, static analysis, scripts and the checks that need no build. Quick: under a minute.
# cppcheck rather than clang-tidy: it needs no compile commands, and a tenth of the time and packages.
set -u
cd "$(dirname "$0")/.." || exit 1
failed=0

try() { # try TITLE COMMAND...
    title=$1
    shift
    if "$@"; then echo "ok      $title"; else echo "FAILED  $title" && failed=1; fi
}

files() {
    git ls-files --cached --others --exclude-standard "$@"
}

# shellcheck disable=SC2317 # called through try
formatted() {
    unformatted=0
    for file in "$@"; do
        clang-format "$file" | cmp -s - "$file" || { echo "$file" && unformatted=1; }
    done
    [ "$unformatted" = 0 ] || echo "(clang-format -i formats a file)"
    return "$unformatted"
}

# shellcheck disable=SC2046 # our file names have no blanks
{
    try formatting formatted $(files '*.c' '*.h')
    try shellcheck shellcheck dev .ci/run $(files '*.sh')
    try "python compiles" python3 -c 'import ast, sys
for path in sys.argv[1:]: ast.parse(open(path).read(), path)' $(files '*.py')
    if command -v ruff >/dev/null; then try ruff ruff check -q $(files '*.py'); fi
    try cppcheck cppcheck -q -j 2 --std=c11 --enable=warning,performance,portability \
        --inline-suppr --suppressions-list=tools/cppcheck.supp --error-exitcode=1 \
        -I include -I src -D_GNU_SOURCE src
}
for check in layers sizes ops; do
    try "check_$check" python3 "tools/check_$check.py" .
done
exit $failed
