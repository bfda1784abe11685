export const common = {
  app: { tagline: 'Outbound calls that find their people' },
  nav: {
    agent: 'Agent desk', board: 'Live board', reports: 'Reports', campaigns: 'Campaigns', lists: 'Lists', calls: 'Calls',
    segments: 'Segments', scripts: 'Scripts', contacts: 'Contacts', rules: 'Rules', dnc: 'Do not call', callbacks: 'Callbacks', articles: 'Knowledge', users: 'Users', apiDocs: 'API documentation', menu: 'Menu', main: 'Main navigation', sales: 'Sales', experiments: 'Tests', quality: 'Quality',
  },
  act: {
    cancel: 'Cancel', close: 'Close', create: 'Create', remove: 'Remove',
    retry: 'Try again', next: 'Next', previous: 'Previous', add: 'Add',
    signOut: 'Sign out',
  },
  ui: {
    language: 'Language', scheme: 'Light or dark', light: 'Light', dark: 'Dark', auto: 'Like the system',
    account: 'Account', all: 'All', none: 'None', name: 'Name', status: 'Status', optional: 'optional',
    seconds: 's', minutes: 'min', hours: 'h', days: 'days', skip: 'Skip to content',
    times: 'times', percent: '%', unknown: 'Unknown',
  },
  signin: {
    title: 'Sign in', login: 'Login', password: 'Password', submit: 'Sign in',
    wrong: 'Login or password is wrong.', away: 'The server cannot be reached. Is it running, and is the network up?',
    failed: 'Signing in failed: {{message}}', ended: 'Your session has ended. Please sign in again.',
    throttled: 'Too many tries. Please wait a minute.',
  },
  conn: {
    lost: 'Connection lost. Reconnecting…',
    lostDetail: 'A call in progress goes on. What you type is kept.', retry: 'Reconnect now',
  },
  state: {
    title: 'Something went wrong', notFound: 'This page does not exist', notFoundHint: 'The address may be mistyped.',
    forbidden: 'You may not see this page', forbiddenHint: 'Ask an administrator if you need it.',
    crash: 'The page met an error it cannot get over. Reload it; what you typed is kept.', reload: 'Reload',
  },
  role: { agent: 'Agent', supervisor: 'Supervisor', list_manager: 'List manager', admin: 'Administrator' },
};
