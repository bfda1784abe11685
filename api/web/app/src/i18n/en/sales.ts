export const sales = {
  title: 'Sales', sale: 'Sale', create: 'Note a sale', saved: 'The sale is saved', save: 'Save', what: 'What', stage: 'Stage', amount: 'Amount', currency: 'Currency', followUp: 'Follow-up', owner: 'Owner', note: 'Note', contact: 'Contact', campaign: 'Campaign', created: 'Noted', history: 'What became of it', view: 'Which sales', more: 'More', late: 'late',
  all: 'All', due: 'To follow up', kind: { open: 'Open', won: 'Won', lost: 'Lost' }, everywhere: 'All campaigns',
  none: 'No sales here', noneHint: 'Agents note a sale beside the call that made it.',
  stages: 'Stages', stagesHint: 'In this order. Sales stay where they stand when a stage is removed. A campaign without stages of its own has the common ones.', nameEN: 'Name, English', nameZH: 'Name, Chinese', result: 'Counts as', up: 'Up', down: 'Down', addStage: 'Add a stage', stagesSaved: 'The stages are saved',
};
