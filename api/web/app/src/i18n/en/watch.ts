export const watch = {
  title: 'Beside an agent', stop: 'Stop', endCall: 'End the call', silent: 'The agent is not told', more: 'More beside {{name}}',
  needsTalk: 'Only while the agent talks with a contact',
  mode: { listen: 'Listen', whisper: 'Whisper', barge: 'Barge in', takeover: 'Take over' },
  hint: {
    listen: 'You hear both, nobody hears you', whisper: 'The agent hears you, the contact does not', barge: 'All hear all',
    takeover: 'The call is yours, the agent wraps it up',
  },
  now: {
    listen: 'You are listening to {{name}}', whisper: 'You are whispering to {{name}}', barge: 'You are in the call of {{name}}: the contact hears you',
    takeover: 'You are taking over the call of {{name}}',
  },
  between: {
    listen: 'You are beside {{name}}, who waits for the next call', whisper: 'You are beside {{name}}, who will hear you in the next call',
    barge: 'You are beside {{name}}', takeover: 'You are beside {{name}}',
  },
  state: {
    ringing: 'Your phone rings: answer it to be beside {{name}}', waiting: '{{name}} cannot be heard now; this goes on by itself',
    talking: 'You have the call of {{name}}: you talk with the contact',
  },
  other: { listen: '{{name}} listens', whisper: '{{name}} whispers', barge: '{{name}} has barged in', takeover: '{{name}} has taken a call over' },
  desk: { listen: '{{name}} is listening', whisper: '{{name}} is speaking to you', barge: '{{name}} is in the call' },
  setting: 'Agents are not told who listens', settingHint: 'Otherwise each agent sees which supervisor listens, whispers or has barged in. The audit log has it either way.',
  code: 'Code {{code}}', codeHint: 'Supervisors’ phones: 81 and this code to listen, 82 to whisper, 83 to barge in, 84 to take the call over',
};
