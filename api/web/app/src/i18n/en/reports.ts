export const reports = {
  title: 'Reports', tab: { numbers: 'Numbers', heat: 'Heat map', abandonment: 'Abandonment', schedules: 'Sent by schedule' },
  period: 'Period', ownPeriod: 'Own dates', from: 'From', to: 'To', zone: 'Days of', group: 'Rows', campaigns: 'Campaigns', all: 'All campaigns', compare: 'Compare with the days before', columns: 'Columns', print: 'Print', table: 'Table of the report', total: 'Whole period', definitions: 'What the numbers mean',
  preset: { today: 'Today', yesterday: 'Yesterday', last7: 'Last 7 days', last30: 'Last 30 days', thisMonth: 'This month', lastMonth: 'Last month', year: 'Last 365 days' },
  by: { campaign: 'Campaign', list: 'List', segment: 'Segment', agent: 'Agent', hour: 'Hour of the day', day: 'Day', month: 'Month', version: 'Script version', caller: 'Caller ID', trunk: 'Trunk', mode: 'Mode' },
  set: { result: 'Overview', contact: 'Contacts', agents: 'Agents', money: 'Money', outcomes: 'Outcomes' },
  none: { agent: 'Without an agent', version: 'Without a script' }, gone: 'deleted ({{id}})',
  asOf: 'As of {{time}}', behind: 'the newest calls are still being summed up', points: '{{n}} pt', outcomeHint: 'Attempts that ended so; the last correction counts. All outcomes together are the attempts.',
  empty: 'Nothing happened in this period', emptyHint: 'Choose other days, or other campaigns.', truncated: 'Only the first {{n}} rows are shown.', noCosts: 'No money is shown: a campaign in this report has no costs of that time, or currencies differ.',
  weekday: 'Weekday', heat: 'Contact rate by hour and weekday', heatHint: 'Percent, and attempts below; by the clock of the callee.', sure: 'Known well', unsure: 'Too few calls to trust', noCalls: 'no calls', cell: '{{name}}: {{rate}} (95 %: {{low}} to {{high}}) of {{n}} attempts', unknownHour: '{{n}} attempts are missing: the callee\'s hour is not known.',
  abandonment: 'Abandoned calls in all legal windows', abandonmentHint: 'Calls that a person answered and no agent took in time', capIs: 'cap {{cap}}, days of {{zone}}', noLive: 'no answers yet', ledger: { good: 'Inside the cap', warn: 'Near the cap', bad: 'Above the cap' },
  span: { day: 'Calendar day', '30d': 'Block of 30 days', month: 'Calendar month' }, watched: 'told, not enforced', since: 'since {{day}}', liveAbandoned: '{{abandoned}} of {{live}} live answers', amdFalse: '{{n}} taken for machines', room: '{{n}} more may be abandoned', over: '{{n}} too many', byDay: 'Abandonment by day', rate: 'Abandoned', cap: 'Cap',
  evidence: 'Evidence pack {{from}} – {{to}}', noCampaigns: 'No campaigns', noCampaignsHint: 'Campaigns that are not stopped are shown here.',
  schedule: {
    add: 'New schedule', edit: 'Schedule', name: 'Name', what: 'Report', to: 'Goes to', next: 'Next time', last: 'Last time', every: 'How often', at: 'At', weekday: 'On', way: 'By', format: 'File', language: 'Language', enabled: 'Is sent', off: 'Switched off', saved: 'Schedule saved', change: 'Change', save: 'Save',
    each: { day: 'Every day', week: 'Every week', month: 'On the first of each month' }, ways: { mail: 'Mail', webhook: 'Webhook' }, target: { mail: 'Addresses, with commas', webhook: 'Name of the webhook' },
    period: { yesterday: 'Yesterday', last_7_days: 'Last 7 days', last_week: 'Last week', this_month: 'This month so far', last_month: 'Last month' },
    state: { sent: 'Sent', failed: 'Failed', unknown: 'Perhaps sent', waiting: 'On its way' }, dropAsk: 'Remove the schedule {{name}}?', dropHint: 'It is sent no more.', empty: 'Nothing is sent yet', emptyHint: 'Have a report sent each morning, week or month, as a file.',
  },
};

export const costs = {
  tab: 'Costs', title: 'Costs and revenue', hint: 'What reports work out the money from. A change of prices is a new row: what was before it keeps its prices, and reports of the past follow what is written here. Won sales in this currency count with their own amounts.',
  empty: 'No prices yet', emptyHint: 'Reports show no money of this campaign until there are.', currency: 'Currency', onlyRow: 'Prices', row: 'Prices {{n}}', since: 'From', add: 'Add prices', addLater: 'Prices from a later moment', remove: 'Remove prices {{n}}',
  save: 'Save prices', saved: 'Prices saved', twice: 'Two rows begin at the same moment.',
  rate: { data: 'Data', labour: 'Labour', call: 'Call', minute: 'Line', commission: 'Commission', fulfilment: 'Fulfilment', revenue: 'Revenue' },
  per: { data: 'per new record', labour: 'per agent hour', call: 'per attempt', minute: 'per answered minute', commission: 'per success', fulfilment: 'per success', revenue: 'per success, no sale' },
};
