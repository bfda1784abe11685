#!/bin/sh
# Makes the messages of sounds.txt as 8 kHz mu-law files that Asterisk plays without transcoding.
#   make-sounds.sh sounds.txt /usr/share/asterisk/sounds/en/dialtide
# Needs espeak-ng and sox. A file that exists is replaced in one step, never while half written.
set -eu
list=$1
target=$2
for program in espeak-ng sox; do
  command -v "$program" >/dev/null || { echo "make-sounds: $program is missing: run deploy/install.sh" >&2; exit 1; }
done
mkdir -p "$target"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# espeak-ng looks for a sound server and leaves a folder of it behind.
export TMPDIR="$work" XDG_RUNTIME_DIR="$work"
grep -v -e '^#' -e '^$' "$list" | while IFS='|' read -r name voice text; do
  printf '%s\n' "$text" >"$work/text"
  espeak-ng -v "$voice" -s 170 -f "$work/text" -w "$work/speech.wav" </dev/null
  # -3 dB leaves room for the telephone network; a tenth of a second of silence before the first word.
  sox -V1 "$work/speech.wav" -r 8000 -c 1 -e mu-law -t raw "$work/out" norm -3 pad 0.1 0.25 </dev/null
  mv "$work/out" "$target/$name.ulaw.new"
  chmod 644 "$target/$name.ulaw.new"
  mv "$target/$name.ulaw.new" "$target/$name.ulaw"
done
