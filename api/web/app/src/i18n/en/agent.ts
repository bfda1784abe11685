export const agent = {
  choose: {
    title: 'Choose a campaign', hint: 'Your phone rings as soon as you log in. Answer it and leave it open: calls arrive there.',
    none: 'No campaign is open for you', noneHint: 'A supervisor has to start one. This page looks again by itself.',
    filter: 'Find a campaign',
  },
  bar: {
    ready: 'Ready', notReady: 'Not ready', reason: 'Reason', logout: 'Log out', leftBefore: '', leftAfter: 'left',
    leaving: 'Not ready after the calls on their way', today: 'Today', calls: 'Calls', talk: 'Talk time', successes: 'Successes',
    phoneHelp: 'Answer your phone to go ready.', logoutAsk: 'Log out of {{name}}?', state: 'Your state',
  },
  idle: {
    ready: 'Waiting for the next call', readyHint: 'The contact appears here before you hear the voice.',
    notReady: 'You are not ready', notReadyHint: 'Press Ready when you want calls.', phone: 'Your phone is not connected',
    phoneHint: 'Answer it when it rings. Dialtide keeps calling it.',
  },
  contact: {
    title: 'Contact', localTime: 'Local time', callerID: 'Shown to the callee', history: 'History',
    noHistory: 'First contact', by: 'by {{name}}', copy: 'Copy the number', copied: 'Copied', noName: 'No name',
  },
  call: {
    reserved: 'Connecting the call…', talking: 'On the call', ended: 'Call ended', hangup: 'Hang up', gone: 'The call has ended and needs no result: an answering machine, or nobody on the line.', by: 'Hung up by {{who}}',
  },
  script: {
    title: 'Script', next: 'Continue', back: 'Back', end: 'End of the script', endHint: 'Choose a result on the right.', none: 'This campaign has no script',
    suggested: 'Suggested result: {{name}}', required: 'Please answer first.', step: 'Step {{n}}', answer: 'Answer',
    broken: 'This step is missing in the script.',
  },
  result: {
    neverAgain: 'Never call this number again',
    title: 'Result', note: 'Note', notePlaceholder: 'What should the next person know?', save: 'Save result',
    offline: 'Kept on this computer; sent as soon as the connection is back.', afterCall: 'You can save once the call has ended.',
    choose: 'Choose a result', callbackAt: 'Call back at', calleeTime: 'Time at the callee ({{zone}})', yourTime: 'Your time: {{time}}', mine: 'Only me',
    in15: 'In 15 min', in60: 'In 1 h', tomorrow: 'Tomorrow 10:00', past: 'That is in the past.', needTime: 'Choose a time.',
    orphanSaved: 'The result of the last call was saved.', orphanFailed: 'The result of an earlier call was not taken: {{message}}',

  },
  tabs: { contact: 'Contact', script: 'Script', result: 'Result', view: 'View' },
  keys: {
    ready: 'Ready', notReady: 'Not ready', hangup: 'Hang up', digits: 'Choose a result', save: 'Save the result', note: 'Write a note', script: 'Continue the script',
    help: 'Show the keys', option: 'Choose an answer',
  },
};
