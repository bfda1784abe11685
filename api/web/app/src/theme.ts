import { createTheme, DEFAULT_THEME, type MantineColorsTuple } from '@mantine/core';
import i18next from 'i18next';

// The colour of deep water: the accent. Not the usual blue, so that blue stays free for the state Talking.
const tide: MantineColorsTuple = [
  '#e9f6f5', '#d6ebea', '#acd6d4', '#7fc0bd', '#59adaa', '#419f9d', '#2b9390', '#12807e', '#0b6b6e', '#07565a',
];

// Dark surfaces with a breath of the same water instead of neutral grey.
const dark: MantineColorsTuple = [
  '#d3dbdb', '#b4bfc0', '#8a999b', '#657578', '#3f4e52', '#334145', '#263337', '#1b2629', '#141d20', '#0e1517',
];

// On dark pages, too, white can be read on it: 4.5 to 1 (WCAG 1.4.3).
const red = DEFAULT_THEME.colors.red.map((c, i, all) => (i === 7 ? all[8] : c)) as unknown as MantineColorsTuple;

const stack =
  'Inter, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", ' +
  '"Noto Sans CJK SC", "Source Han Sans SC", sans-serif';

// A cross says nothing to who does not see it. The language is asked when the button is drawn.
const closeButtonProps = {
  get 'aria-label'() {
    return i18next.t('act.close');
  },
};

export const theme = createTheme({
  primaryColor: 'tide',
  primaryShade: { light: 8, dark: 7 },
  colors: { tide, dark, red },
  autoContrast: true,
  fontFamily: stack,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace',
  headings: { fontFamily: stack, fontWeight: '600' },
  defaultRadius: 6,
  fontSizes: { xs: '12px', sm: '13.5px', md: '15px', lg: '17px', xl: '20px' },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: 'sm', fz: 'sm' } },
    // The first thing to choose has the keyboard at once, as in other menus.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    // The head of a dialog is no banner of the page.
    Modal: { defaultProps: { centered: true, closeButtonProps, attributes: { header: { role: 'presentation' } } } },
    Notification: { defaultProps: { closeButtonProps } },
    Badge: { defaultProps: { tt: 'none', fw: 550, radius: 'sm' } },
  },
});
