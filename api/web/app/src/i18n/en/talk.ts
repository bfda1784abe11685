export const talk = {
  targets: 'Outside numbers for transfers', target: 'Number', targetName: 'Name', targetNumber: 'Number', addTarget: 'Add a number',
  targetsHint: 'Agents may transfer calls to these numbers and to no others. 3 to 20 of 0-9 + * #, as they are dialled on the trunk.',
};
