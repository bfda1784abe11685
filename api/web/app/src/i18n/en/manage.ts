export const manage = {
  board: {
    title: 'Live board', waitingShort: 'Waiting', ready: 'Ready', talking: 'Talking', wrapUp: 'Wrap-up', notReady: 'Not ready', inFlight: 'Dialing', waiting: 'Waiting for an agent',
    abandonRate: 'Abandonment', live: 'Answered by people', campaigns: 'Campaigns', agents: 'Agents', calls: 'Calls now', trunks: 'Trunks', mode: 'Mode', limit: 'Limited by', abandoned: 'Abandoned',
    target: 'target {{value}}', state: 'State', time: 'Time', campaign: 'Campaign', contact: 'Contact',
    noAgents: 'No agents are logged in', noCalls: 'No calls at the moment', noCampaigns: 'No campaign is running or paused', noMatch: 'No agent fits the filter',
    search: 'Find an agent', all: 'All states', number: 'Number', agent: 'Agent', chart: 'Last 10 min', dials: 'Dialled', answers: 'Answered', noTraffic: 'The chart fills as calls are made.',
    start: 'Start', pause: 'Pause', drain: 'Drain', stopCampaign: 'Stop', stopAsk: 'Stop {{name}}?', stopHint: 'Calls that ring are withdrawn; talks go on.', channels: 'Channels', up: 'Up', down: 'Down',
    actions: 'Actions', sort: 'Order', byState: 'By state', byName: 'By name', byTime: 'By time',
  },
  campaigns: {
    waitingFor: 'Waiting because of', finishedBy: 'Finished by',
    title: 'Campaigns', create: 'New campaign', empty: 'No campaigns yet', emptyHint: 'A campaign needs a list and a trunk.', basics: 'Basics', dialing: 'Dialing', hours: 'Calling hours', rules: 'Attempts and retries',
    results: 'Results for the agent', talk: 'On the call', list: 'Lists', trunk: 'Trunk', callerID: 'Caller ID', callerIDHint: 'Shown to the callee; international form, such as +12065550100', mode: 'Mode',
    modeProgressive: 'One call for each ready agent. Nobody who answers waits.', modePower: 'More calls than ready agents, while the abandonment target allows it.', modePreview: 'The agent sees the contact first; nobody is called without him.', modePredictive: 'As many calls as the abandonment target allows, by forecast of who answers and who comes free.',
    pacing: 'Pacing in detail', pacingHint: 'None of this is needed.', caution: 'How the abandonment target holds', cautionWindow: 'At the end of each legal window. A small allowance at its beginning is paid back within it.', cautionStrict: 'At every moment, from the first call on. Small groups then begin slowly.', windows: 'Legal windows', zone: 'Days begin in the zone of',
    aim: 'Steer by', aimAbandonment: 'As much as the abandonment target allows.', aimOccupancy: 'Agents are to be busy this share of their time. The abandonment target holds all the same.', aimWait: 'Agents are to wait so long between two calls. The abandonment target holds all the same.', aimValueOccupancy: 'Occupancy', aimValueWait: 'Wait between calls',
    maxOccupancy: 'Occupancy at most', maxLines: 'Lines at most', maxLinesNone: "the trunk's", inOrder: 'Keep the order of the list', inOrderHint: 'Else, with up to ten agents, whoever waits gets those of the next contacts who are most likely to answer. An order that you set is always kept.', weight: 'Weight on the trunk', weightHint: 'When campaigns compete for lines, each gets its share by weight.', ratio: 'Calls per ready agent', ringTimeout: 'Ring for', maxAttempts: 'Attempts per contact',
    capMax: 'Calls per number at most', capWindow: 'within', capHint: '0: no limit. Counts over all campaigns.', hoursHint: "In the callee's own time zone. A span may cross midnight.", addSpan: 'Add a span', copyDown: 'Copy to the days below', closed: 'No calls', presetWork: 'Mon–Fri 9–18',
    presetWide: 'Mon–Sat 9–20', presetAlways: 'At all times', recycle: 'Try again after an outcome', outcome: 'Outcome', after: 'After', limit: 'Times', recycleHint: '0 times: the contact is finished.', script: 'Script', noScript: 'No script', version: 'version {{n}}',
    amd: 'Answering machine detection', amdHint: 'Beside the agent costs the callee no silence; before the agent costs 1.6 s.', target: 'Abandonment target', answerWait: 'Longest wait for an agent',
    message: 'Message when no agent is free', wrapUp: 'Wrap-up time', code: 'Code', label: 'Name (English)', labelZH: 'Name (Chinese)', effect: 'Then', addResult: 'Add a result', removeResult: 'Remove this result', save: 'Save campaign', saved: 'Campaign saved',
    progress: 'Contacts', attempts: 'Attempts by outcome', noAttempts: 'No attempts yet', live: 'Answered by people', abandonRate: 'Abandonment', check: 'Please check the marked fields.', settings: 'Settings', overview: 'Overview', from: 'From', to: 'To',
    moveUp: 'Move up', moveDown: 'Move down', unsaved: 'Unsaved changes', excludedWhy: 'Excluded because of', noTrunk: 'No trunk yet: ask an administrator to add one.', noLists: 'No list yet: create one first.', spanOf: '{{day}}, span {{n}}',

  },
  calls: {
    title: 'Calls and recordings', attempts: 'Calls', recordings: 'Recordings', campaign: 'Campaign', number: 'Number', contact: 'Contact', when: 'When', outcome: 'Outcome', agent: 'Agent', ring: 'Rang', talk: 'Talk', result: 'Result', play: 'Play',
    empty: 'No calls yet', emptyHint: 'They appear here as the campaign dials.', noRecordings: 'No recordings yet', noRecordingsHint: 'A campaign records when its settings say so.', searchNumber: 'Number', duration: 'Length', player: 'Player',
    audit: 'Playing is noted in the audit log.', playFailed: 'This recording cannot be played.', newest: 'To the newest', older: 'Older',
  },
  contact: {
    blocked: 'On the do-not-call list', tries: 'attempts: {{n}}',
    title: 'Contact', list: 'List', zones: 'Possible time zones', attempts: 'Calls', callbacks: 'Callbacks', noAttempts: 'Never called', due: 'due {{time}}', journey: 'Journey', open: 'open', done: 'done', cancelled: 'cancelled', note: 'Note', result: 'Result',
    callback: 'Callback agreed', addDNC: 'Do not call', dncAsk: 'Never call {{phone}} again?', sip: 'SIP {{code}}',
  },
  users: {
    title: 'Users', create: 'New user', login: 'Login', loginHint: 'Small letters, digits, . _ -', role: 'Role', endpoint: 'Phone (SIP endpoint)', endpointHint: 'The name in the switch, without PJSIP/', phoneKind: 'Phone', phoneKindHint: 'In the page: the agent needs only a browser and a headset', changePhone: 'Change the phone of {{name}}', savePhone: 'Save', phoneChanged: 'Phone of {{name}} changed; it counts from the next log-in to a campaign', language: 'Language', password: 'Password', passwordHint: 'At least 8 characters', disabled: 'disabled', created: 'User {{name}} created', search: 'Name or login', empty: 'No users', administration: 'Administration',
  },
  trunks: {
    title: 'Trunks', create: 'New trunk', edit: 'Change trunk {{name}}', save: 'Save', created: 'Trunk {{name}} created', changed: 'Trunk {{name}} changed; running campaigns use it within a second', search: 'Name or endpoint',
    endpoint: 'SIP endpoint', endpointHint: 'The section in pjsip.conf, such as carrier: letters, digits, _ and -', channels: 'Lines', channelsHint: 'Calls at once that the carrier allows', cps: 'Calls per second', cpsHint: 'New calls that the carrier allows', cpsRange: 'Must be more than 0 and at most 1000',
    empty: 'No trunks yet', emptyHint: 'A trunk is the way to a carrier. Campaigns need one before they can call.',
  },
  dnc: {
    title: 'Do not call', add: 'Add a number', phone: 'Number', reason: 'Reason', campaign: 'Only for', everywhere: 'All campaigns', until: 'Until', forever: 'For good', added: 'Added', empty: 'No numbers', emptyHint: 'Numbers here are never dialled. A call that is ringing is withdrawn at once.', search: 'Find a number',
    done: '{{phone}} will not be called.', removed: '{{phone}} may be called again.', removeAsk: 'Take {{phone}} off the list?', removeHint: 'Campaigns may call it again at once.', reasonDefault: 'Asked not to be called', noMatch: 'This number is not on the list',
  },
  day: { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' },
};
