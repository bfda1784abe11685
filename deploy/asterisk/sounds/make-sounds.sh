#!/bin/sh
# Makes the messages of sounds.txt as 8 kHz mu-law files that Asterisk plays without transcoding.
#   make-sounds.sh sounds.txt /usr/share/asterisk/sounds/en/dialtide [/usr/share/asterisk/moh]
# and, with a third argument, the music for customers on hold into that folder.
# Needs espeak-ng and sox. A file that exists is replaced in one step, never while half written.
set -eu
list=$1
target=$2
music=${3:-}
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
[ -n "$music" ] || exit 0
# A slow tune of plucked strings, computed here: nobody has rights in it. A soft chord below it goes on without a pause, so
# that there is never silence on the line.
mkdir -p "$music"
rm -f "$work/tune.wav"
while read -r a b c d; do
  rm -f "$work/line.wav"
  for tone in $a $c $b $d; do
    sox -V1 -n -r 8000 -c 1 "$work/note.wav" synth 0.75 pluck "$tone" fade 0 0.75 0.1
    if [ -f "$work/line.wav" ]; then
      sox -V1 "$work/line.wav" "$work/note.wav" "$work/joined.wav" && mv "$work/joined.wav" "$work/line.wav"
    else
      mv "$work/note.wav" "$work/line.wav"
    fi
  done
  sox -V1 -n -r 8000 -c 1 "$work/chord.wav" synth 3 sine "$a" synth 3 sine mix "$c" gain -12
  sox -V1 -m -v 0.8 "$work/line.wav" -v 0.6 "$work/chord.wav" "$work/bar.wav"
  if [ -f "$work/tune.wav" ]; then
    sox -V1 "$work/tune.wav" "$work/bar.wav" "$work/joined.wav" && mv "$work/joined.wav" "$work/tune.wav"
  else
    mv "$work/bar.wav" "$work/tune.wav"
  fi
done <<BARS
262 330 392 523
220 262 330 440
294 349 440 587
196 247 294 392
BARS
sox -V1 "$work/tune.wav" -r 8000 -c 1 -e mu-law -t raw "$work/out" norm -9
mv "$work/out" "$music/dialtide-hold.ulaw.new"
chmod 644 "$music/dialtide-hold.ulaw.new"
mv "$music/dialtide-hold.ulaw.new" "$music/dialtide-hold.ulaw"
