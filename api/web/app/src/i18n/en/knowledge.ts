export const agenda = {
  title: 'Callbacks', today: 'Today', date: 'Date', view: 'Days shown', day: 'Day', week: 'Week', clock: 'Whose time', mine: 'My time ({{zone}})', callee: 'Callees\' time', hour: 'Hour',
  campaign: 'Campaign', allCampaigns: 'All campaigns', agent: 'Agent', allAgents: 'All agents', anyone: 'Anyone', me: 'Me', whose: 'Whose callbacks', mineAndShared: 'Mine and for anyone', mineOnly: 'Mine', sharedOnly: 'For anyone', take: 'Take it', taken: 'The callback is yours', takeHint: 'It is for any agent of the campaign. Take it, and it waits for you.',
  overdue: '{{count}} overdue', there: 'there', here: 'here', entry: '{{day}}, {{time}}: {{name}}, {{who}}',
  calling: 'The contact is being called now', nextAt: 'It was put off; next attempt: {{when}}', time: 'Time', calleeTime: 'Time at the callee ({{zone}})', yourTime: 'Your time: {{when}}', past: 'This time is in the past',
  note: 'Note', save: 'Save', moved: 'The callback is saved', cancel: 'Cancel the callback', keep: 'Keep it', reason: 'Why', cancelled: 'The callback is cancelled',
  cancelHint: 'Nobody will call back. The contact is finished in this campaign.',
  asking: 'Checking the calling rules…', lawful: 'A call is allowed then.', unlawful: 'No call is allowed then: {{reason}}', useNext: 'Take {{when}}', never: 'No call to this contact is allowed within a year.',
};

export const articles = {
  title: 'Knowledge base', search: 'Search articles', none: 'No article fits', noneHint: 'Agents find published articles by words and by the topics of the script\'s page.', create: 'New article', edit: 'Edit article',
  titleEN: 'Title, English', titleZH: 'Title, Chinese', bodyEN: 'Text, English', bodyZH: 'Text, Chinese', bodyHint: 'Plain text; an empty line begins a paragraph', topics: 'Topics', topicsHint: 'The same words as the topics of script pages; Enter adds one',
  status: 'Status', draft: 'Draft', published: 'Published', changed: 'Changed', save: 'Save', publish: 'Publish', withdraw: 'Back to draft', saved: 'The article is saved', remove: 'Delete', removeAsk: 'Delete this article?', removed: 'The article is deleted',
  panel: 'Articles', forPage: 'For this page', back: 'All articles',
};
