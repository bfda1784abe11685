export const callers = {
  more: 'Further caller IDs', moreHint: 'Each contact is shown one of these or the one above. Paste several at once.',
  choice: 'Which one a contact is shown', by: { contact: 'Always the same', area: 'One of the contact\'s area' },
  hint: { contact: 'Spread evenly over the contacts', area: 'Of the same area code, else of the same state or country, else spread evenly' },
  and: 'and {{n}} more',
  trunk: 'Caller IDs that it allows', trunkHint: 'Campaigns can show only these; empty: any number',
};
