#!/bin/sh
# Makes the carrier's voices: 8 kHz G.711 u-law without a header, spoken by espeak-ng and levelled by sox.
# The results are committed so that neither program is needed to build or to test.
set -eu
cd "$(dirname "$0")"
say() { # file, voice, words a minute, text
	espeak-ng -v "$2" -s "$3" --stdout "$4" |
		sox -t wav - -t ul -r 8000 -c 1 "$1.ulaw" silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse norm -6 dither
}
say hello-1 en-us+m3 150 "Hello?"
say hello-2 en-us+f2 160 "Hello?"
say hello-3 en-gb+m5 165 "Yes?"
say hello-4 en-gb+f4 150 "Hello?"
say talk-1 en-us+m3 155 "Yes, that is me. I see. That sounds fine, but please send me the details first. What would it cost each month?"
say talk-2 en-us+f2 160 "Speaking. Sorry, I have little time just now. Could you call me again on Thursday, after five?"
say greeting-1 en-us+m7 150 "Hi, you have reached the Miller family. We cannot come to the phone right now, so please leave your name and number after the tone, and we will call you back."
say greeting-2 en-gb+f3 155 "The person you are calling is not available at the moment. Please leave a message after the tone and hang up when you have finished."
say agent-1 en-us+f5 160 "Good afternoon, this is Anna at Northwind Energy. Do you have two minutes for me? Thank you. Let me tell you what this is about."
