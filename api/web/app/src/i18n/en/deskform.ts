export const unsaved = {
  title: 'Leave without saving?', hint: 'What you changed on this page is not saved yet.', leave: 'Leave without saving',
};

export const deskform = {
  title: 'Agent desk', hint: 'None of this is needed. A closed section says what holds.',
  section: { wrapUp: 'Wrap-up', callbacks: 'Callbacks and follow-ups', preview: 'Preview', inbound: 'Callers', pauses: 'Pauses', contact: 'Contact fields and customer system' },
  mode: {
    required: 'Without a result in time the call stays without one and the agent pauses.', optional: 'The agent may go on without a result.',
    timed: 'When the time is over the call stays without a result and the agent goes on.', timed_auto: 'When the time is over the call gets the result below and the agent goes on.',
  },
  wrapUpMode: 'After a call', auto: 'Result when the time is over', more: 'How often more time may be asked for', extra: 'Each time gives',
  callbackWait: 'An own callback waits for its agent', remind: 'Remind before', callbackHint: 'Then any agent of the campaign gets it.', keep: 'Own callbacks wait for their agent however long it takes', keepHint: 'Unless the account is disabled.',
  followUps: 'Any result may have a follow-up', followUpsHint: 'Otherwise only results that name a kind.',
  previewSeconds: 'Time to look at a contact', previewField: 'Always preview contacts with this field', previewHint: 'A contact with a value in the field is shown first whatever the mode is. When the time is over another agent gets the contact.', skip: 'Agents may skip contacts',
  reasons: 'Reasons for skipping', reasonsHint: 'Without any the agent writes one.', tagHint: 'Type and press Enter', skipAfter: 'A skipped contact comes again after',
  inbound: 'Answer calls to the caller ID', inboundHint: 'From numbers of contacts of the campaign; the last agent first.', inboundWait: 'Longest wait for an agent', queue: 'Callers waiting at most', blend: 'Agents kept free', blendHint: 'A share of the agents who are logged in, rounded up, is not used for outbound calls.',
  reason: 'Pause reason', perDay: 'minutes per day', addPause: 'Add a limit', pauseHint: 'Per agent and day. A pause beyond its limit is shown as overrun.', block: 'A reason that is used up cannot be chosen any more that day',
  editFields: 'Fields that agents may change', editHint: 'Fields that a result requires may be filled in always.',
  crm: 'Address in the customer system', crmHint: 'Agents open it in a new tab. Placeholders are filled in and escaped.', crmPreview: 'For example:', holes: 'Placeholders', fieldHole: 'Field',
  flags: 'Says of the call', required: 'Fields that it requires', followUp: 'Kind of follow-up', followUpExample: 'such as send_letter', moreOf: 'More about the result', asksFields: 'fields: {{n}}', asksFollowUp: 'follow-up',
  head: { key: 'Key', code: 'Code', label: 'Name (English)', labelZH: 'Name (Chinese)', effect: 'Then', means: 'Means' }, keysHint: 'Agents choose the first nine by the number keys: the order here is the order of the keys.',
  sumMore: '{{n}} × {{extra}} more', sumKept: 'own ones kept for their agent', sumWait: 'own ones for {{wait}}', sumRemind: 'reminder {{time}} before', sumSkip: 'may be skipped', sumNoSkip: 'no skipping', sumField: 'always with “{{name}}”',
  sumInbound: 'answered, up to {{n}} wait up to {{wait}}', sumBlend: '{{share}} % of the agents kept free', sumNotAnswered: 'Calls to the caller ID are not answered', sumPauses: 'limits: {{n}}', sumBlocked: 'blocked when used up', sumNoLimits: 'No limits', sumFields: 'fields to change: {{n}}', sumCrm: 'customer system linked', sumNoCrm: 'no customer system',
  newer: 'Somebody else has saved this campaign in the meantime', newerHint: 'Your changes are still here. Load what was saved and lose them, or keep yours: then saving replaces the other change.', takeTheirs: 'Load what was saved', keepMine: 'Keep my changes',
};
