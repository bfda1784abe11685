export const phone = {
  title: 'Phone in this page', blocked: 'Phone does not work yet', you: 'You', them: 'Others',
  quality: 'Quality', loss: 'Loss', jitter: 'Jitter', rtt: 'Round trip', codec: 'Codec',
  mic: 'Microphone', speaker: 'Headset', ringer: 'Alerts', system: 'As the system has it', device: 'Device {{n}}',
  unplugged: 'Not plugged in: the system\'s is used', beep: 'Beep when a customer is there', clean: 'Remove echo and noise',
  voice: 'Voice', voiceUlaw: 'Telephone (G.711)', voiceOpus: 'Weak networks (Opus)', voiceHint: 'Opus bears lost packets better, at home for example.',
  take: 'Use the phone here', soundOn: 'Turn sound on', again: 'Try again',
  test: {
    start: 'Test call', hint: 'Hear yourself through the telephone system.', calling: 'Calling…', speak: 'Speak: you should hear yourself.',
    hearing: 'Your voice comes back.', good: 'It works both ways.', silent: 'Nothing came back. Check microphone and headset above.',
    failed: 'The test call did not arrive. Try again in a moment.',
  },
  news: {
    lost: 'Your phone was cut off. It comes back by itself.', back: 'Your phone is connected again.', taken: 'Your phone is now used elsewhere.',
  },
  chooseHint: 'Your phone is in this page: keep it open, calls arrive here.',
  idleHint: 'It is being connected. Allow the microphone if the browser asks for it.',
};
