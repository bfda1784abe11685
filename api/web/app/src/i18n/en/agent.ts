export const agent = {
  choose: {
    title: 'Choose a campaign', hint: 'Your phone rings as soon as you log in. Answer it and leave it open: calls arrive there.',
    none: 'No campaign is open for you', noneHint: 'A supervisor has to start one. This page looks again by itself.',
    filter: 'Find a campaign',
  },
  bar: {
    nextPause: 'Then: {{reason}}', noPause: 'No pause after this call', reasonAfter: 'After this call', pauseLeft: 'Left of this pause today', pauseOver: 'Pause overrun by', leftOf: '{{time}} left', over: '{{time}} over',
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
    crm: 'Open in the CRM', edit: 'Change {{name}}', handed: 'Given to you by {{name}}', handedWarm: '{{name}} asks you in',
    title: 'Contact', localTime: 'Local time', callerID: 'Shown to the callee', history: 'History',
    noHistory: 'First contact', by: 'by {{name}}', copy: 'Copy the number', copied: 'Copied', noName: 'No name',
  },
  call: {
    dialing: 'Dialling…', ringing: 'Ringing…',
    reserved: 'Connecting the call…', talking: 'On the call', ended: 'Call ended', hangup: 'Hang up', gone: 'The call has ended and needs no result: an answering machine, or nobody on the line.', by: 'Hung up by {{who}}',
  },
  script: {
    objections: 'Objections', jump: 'Go to', return: 'Back to the script', read: 'I have read this aloud', unread: 'Read the notice aloud and tick it first.', mandatory: 'An answer is needed', progress: 'Progress of the script', resume: 'Take them over', earlier: 'Answers from the call of {{when}}: {{count}}',
    title: 'Script', next: 'Continue', back: 'Back', end: 'End of the script', endHint: 'Choose a result on the right.', none: 'This campaign has no script',
    suggested: 'Suggested result: {{name}}', required: 'Please answer first.', step: 'Step {{n}}', answer: 'Answer',
    broken: 'This step is missing in the script.',
  },
  result: {
    followUp: 'Follow-up', needField: 'Fill in: {{name}}',
    neverAgain: 'Never call this number again',
    title: 'Result', note: 'Note', notePlaceholder: 'What should the next person know?', save: 'Save result',
    offline: 'Kept on this computer; sent as soon as the connection is back.', afterCall: 'You can save once the call has ended.',
    choose: 'Choose a result', callbackAt: 'Call back at', calleeTime: 'Time at the callee ({{zone}})', yourTime: 'Your time: {{time}}', mine: 'Only me',
    in15: 'In 15 min', in60: 'In 1 h', tomorrow: 'Tomorrow 10:00', past: 'That is in the past.', needTime: 'Choose a time.',
    orphanSaved: 'The result of the last call was saved.', orphanFailed: 'The result of an earlier call was not taken: {{message}}',

  },
  tabs: { contact: 'Contact', script: 'Script', result: 'Result', view: 'View' },
  keys: {
    title: 'Keys', change: 'Change', changeOf: 'Change the key of: {{name}}', press: 'Press a key', taken: '{{key}} is in use already.', reset: 'As at first',
    ready: 'Ready', notReady: 'Not ready', hangup: 'Hang up', digits: 'Choose a result', save: 'Save the result', note: 'Write a note', script: 'Continue the script',
    help: 'Show the keys', option: 'Choose an answer', single: 'Single keys', singleHint: 'Off: only keys with Ctrl or Alt do something. For dictation and one-handed typing.',
  },
  talk: {
    title: 'The talk', hold: 'Hold', resume: 'Resume', mute: 'Mute', unmute: 'Unmute', keypad: 'Keypad', digits: 'Digits sent', transfer: 'Transfer', park: 'Park', retrieve: 'Retrieve', complete: 'Hand over', three: 'All together', leave: 'Leave them', cancel: 'Drop the third', held: 'On hold: the customer hears music', muted: 'Nobody hears you', parked: 'Parked: the customer hears music', consulted: 'A colleague asks you in', back: 'back in', parkedBy: 'parked by {{name}}',
    with: { ringing: 'Calling {{name}}…', talking: 'With {{name}}; the customer hears music', three: 'All together with {{name}}' },
  },
  transfer: {
    title: 'Give the call on', to: 'To whom', agent: 'Agent', queue: 'Queue', outside: 'Outside', find: 'Find', note: 'Note for the one who takes over', blind: 'Give at once', warm: 'Ask first', close: 'Close', free: '{{count}} free', nobody: 'Nobody is here', noOutside: 'The campaign allows no outside numbers',
  },
  preview: {
    call: 'Call', skip: 'Skip', why: 'Why skip?', forced: 'This contact is to be looked at before the call',
  },
  dial: {
    number: 'Dial a number of the lists', call: 'Dial',
  },
  reminder: {
    title: 'Callbacks', anyone: 'for anyone', take: 'Take it', soon: 'Callback at {{time}}', late: 'Callback was due at {{time}}', call: 'Call now', more: '{{count}} more',
  },
  wrapUp: {
    more: 'More time', moreLeft: 'More time ({{count}})', auto: 'When the time is over: {{name}}', without: 'Go on without a result',
  },
  day: {
    you: 'You', team: 'Mean of {{count}} agents', mean: 'Talk per call', conversion: 'Conversion', idle: 'Waiting', wrapUp: 'Wrap-up', pause: 'Pauses',
  },
  say: {
    pop: 'New call: {{name}}', inbound: '{{name}} calls back', talking: 'You talk with {{name}}', resumed: 'The customer hears you again', left: '{{seconds}} seconds left',
  },
};
