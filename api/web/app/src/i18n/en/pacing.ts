export const pacing = {
  pacing: {
    tab: 'Pacing', title: 'Why this many lines now', live: 'Live', since: 'As of {{time}}', last15: 'The last 15 minutes', lost: 'The server does not answer now ({{message}}). What is shown may be old.',
    inFlight: 'calls in flight', more: '{{n}} more wanted', noMore: 'no more wanted now', agents: 'Agents', agentsNow: '{{ready}} ready · {{talking}} talking · {{wrapUp}} in wrap-up', way: 'Mode', utilisation15: 'Utilisation, last 15 min',
    tokens: 'Abandonment budget', tokensNow: '{{budget}} left · {{reserved}} reserved', ofLive: '{{abandoned}} abandoned of {{live}} answered by people',
    forecast: 'In {{seconds}} s, when a call dialled now would be answered, {{free}} agents should be free, and {{coming}} people should have answered calls that are in flight.', errors: 'Forecasts were off by {{free}} agents and {{coming}} answers on average.',
    idle: 'Nothing to show: the campaign is not dialled', idleHint: 'Start the campaign. The reasons for each decision appear here from the first call on.', elsewhere: 'Another server dials this campaign', elsewhereHint: 'Open this page on the server that dials it, or wait: it may be about to take over.',
    why: {
      risk: 'One more call, if a person answered it, would find no agent with a probability of {{risk}}. At present {{allowed}} is allowed, so that abandonment stays within {{cap}}.',
      budget: 'The abandonment budget has no more room: {{reserved}} calls beyond the ready agents may each come to be abandoned. More follow as people are connected.',
      agents: 'Every agent who is ready or soon will be has a call on its way.', ratio: 'The ratio of calls per ready agent is reached.', ceiling: "The campaign's ceiling of {{lines}} lines is reached.",
      contacts: 'No more contacts could be offered at this moment.', no_agents: 'No agent is there to take a call.', learning: 'It is not known yet how many people answer. Until the first calls have shown it, only a few more are dialled than agents are ready.', lines: 'The trunk has no more lines for this campaign now.', cps: "The trunk's calls per second are used up for this second.",
      switch_down: 'The switch does not answer. Nothing is dialled until it does.', status: 'The campaign is not running.', lease: 'Another server dials this campaign.', starting: 'The calls on the switch are being compared with the database before dialling begins.',
      stopping: 'This server is about to stop. Talks go on; nothing new is dialled.', journal: 'The database is slow to take the results of calls. Dialling waits for it.', breaker: 'The trunk fails too many calls. It is tried again soon.', originate: 'The switch is slow to take calls. Dialling waits for it.',
      ledger: 'The database did not give out contacts. It is tried again soon.', trunk: "The campaign's trunk is not known.", counts: "The abandonment counts are still being read. Until then each call has a ready agent.", slow: 'The database gives contacts out slowly. Until it is faster each call has a ready agent.',
      list_empty: 'The list is used up.', list_hours: 'Nobody on the list may be called at this hour.', list_all_waiting: 'All contacts that are left are to be called later.', list_assigned: 'The lists that are left are assigned to agents who are busy or not here.',
    },
    plot: {
      lines: 'Lines', inFlight: 'in flight', wanted: 'wanted', ready: 'ready agents', utilisation: 'Utilisation', utilisationLine: 'talk and wrap-up', abandonment: 'Abandonment', abandonmentLine: 'of the legal window', cap: 'cap',
      risk: 'Risk of the next call', riskHint: 'Probability that one more call, if answered by a person, finds no agent. Gaps: something else was the limit.', riskLine: 'risk', allowed: 'allowed', tokens: 'Abandonment budget', tokensHint: 'Calls that may still be abandoned inside the cap, and those in flight that might be.', budget: 'left', reserved: 'reserved',
      free: 'Agents coming free', coming: 'People who answer', came: 'came', forecast: 'forecast', cameHint: 'What was forecast for each moment, and what came.',
    },
  },
  whatif: {
    tab: 'What if', title: 'What if …', intro: "A simulated day after the campaign's own record, like tomorrow's weekday. What you leave empty is as now.", asNow: 'as now', agents: 'Agents signed in', target: 'Abandonment cap', from: 'From', until: 'Until', most: 'Table up to', mostAuto: 'automatic',
    ask: 'Simulate', earlier: 'Questions so far', oneAgent: '1 agent', nAgents: '{{n}} agents', waiting: 'Waiting for its turn', running: 'Simulating', oneAtATime: 'One question is answered at a time.',
    empty: 'No question yet', emptyHint: 'Ask what other agents, hours, caps or modes would do. The first answer takes a minute or two; dialling goes on meanwhile.',
    tooFew: 'Too few calls to simulate', unfit: 'The record makes no sense', broken: 'The simulation failed', interrupted: 'The simulation was interrupted', cancelled: 'The simulation was given up',
    hint: {
      tooFew: 'At least 100 calls, 20 of them answered by a person, must be on record in the last 90 days.', unfit: 'What is on record of the last 90 days does not fit together. Ask with fewer changes, or tell your administrator.', broken: 'The reason is in the log of the server. Please try again.',
      interrupted: 'The server that worked on it has stopped. Please ask again.', cancelled: 'Ask again when you like.',
    },
    answer: 'A day from {{from}} to {{until}}', basis: 'After {{calls}} calls (days on record: {{days}}): {{rate}} answered by a person, {{ring}} s until they answer, {{talk}} s of talk, {{wrapUp}} s of wrap-up. ± is the 95 % confidence interval over {{runs}} simulated days.',
    caseNow: 'As now ({{mode}})', caseAsked: 'Asked ({{mode}})', case: 'Case', asked: 'asked', agentsShort: 'Agents', utilisation: 'Utilisation', abandonment: 'Abandonment', worst: 'Worst 30 min', idle: 'Idle, s', connects: 'Conversations', dials: 'Calls', perTalk: 'Calls per conv.',
    staffing: 'Staffing, hour by hour', staffingHint: '{{mode}}. Framed: as many agents as are signed in now at that hour.', hour: 'Hour', answers: 'Answered', agentsSigned: 'Agents signed in',
  },
};
