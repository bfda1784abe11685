export const tape = {
  policy: 'Recording', policyHint: 'Callee and agent on separate channels',
  policies: { always: 'Every talk', demand: 'On demand', percent: 'A share of the talks', never: 'Never' },
  demandHint: 'Nothing is kept until the agent or a supervisor starts the recording.', percent: 'Share', percentHint: 'Drawn from the call\'s number in the system: anyone can check afterwards why a call was recorded.',
  announce: 'Announcement', announceHint: 'Name of a sound. Both hear it when the recorded talk begins; without it nothing is recorded. Empty: none.',
  pause: 'A pause ends after', pauseHint: 'While card data is said the recording is silent; then it goes on by itself. 0: 90 seconds.',
  retention: 'Kept for', retentionHint: 'Then recordings are deleted, unless they are held. 0: they are kept.', days: 'days',
  required: 'No recording, no call', requiredHint: 'While recordings cannot be kept, nothing new is dialled. Talks go on.',
  recorded: 'Recorded', callee: 'Callee', agent: 'Agent', speed: 'Speed', stopPlay: 'Pause', keys: 'Space: play or pause; ← →: 5 seconds; 1, 2: mute a side; + −: speed', newer: 'Newer', least: 'From seconds', most: 'To seconds', from: 'From day', to: 'To day', question: 'Question', answer: 'Answer', noMatch: 'Nothing fits what is asked for.',
  share: 'Share by a link', shareFor: 'Works for', shareHint: 'Whoever has the link hears this one recording. Making and using it is noted in the audit log.', shareMake: 'Make the link', shareUntil: 'Works until {{when}}', copy: 'Copy', copied: 'Copied',
  hold: 'Hold', held: 'Held', holdWhy: 'Why it is held', holdHint: 'It is not deleted until an administrator releases it.', heldBy: 'Held by {{name}}: {{reason}}',
  mark: { announced: 'Recording announced', unannounced: 'Announcement failed', paused: 'Paused', resumed: 'Resumed', started: 'Recording started', stopped: 'Recording stopped', step: 'Page of the script', answer: 'Answer', disposition: 'Result', quiet: 'Not recorded' },
  desk: {
    pause: 'Pause recording', resume: 'Record again', start: 'Record', stop: 'Stop recording', on: 'Recorded', paused: 'Not recorded', goesOn: 'goes on in', demand: 'Not recorded until you start it', refused: 'Not recorded: the announcement failed',
  },
};
