export const tape = {
  policy: 'Recording', policyHint: 'Callee and agent on separate channels',
  policies: { always: 'Every talk', demand: 'On demand', percent: 'A share of the talks', never: 'Never' },
  demandHint: 'Nothing is kept until the agent or a supervisor starts the recording.', percent: 'Share', percentHint: 'Drawn from the call\'s number in the system: anyone can check afterwards why a call was recorded.',
  announce: 'Announcement', announceHint: 'Name of a sound. Both hear it when the recorded talk begins; without it nothing is recorded. Empty: none.',
  pause: 'A pause ends after', pauseHint: 'While card data is said the recording is silent; then it goes on by itself. 0: 90 seconds.',
  retention: 'Kept for', retentionHint: 'Then recordings are deleted, unless they are held. 0: they are kept.', days: 'days',
  required: 'No recording, no call', requiredHint: 'While recordings cannot be kept, nothing new is dialled. Talks go on.',
  desk: {
    pause: 'Pause recording', resume: 'Record again', start: 'Record', stop: 'Stop recording', on: 'Recorded', paused: 'Not recorded', goesOn: 'goes on in', demand: 'Not recorded until you start it', refused: 'Not recorded: the announcement failed',
  },
};
