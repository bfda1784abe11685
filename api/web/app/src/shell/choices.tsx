import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import { IconBrightness, IconCheck, IconLanguage, IconMoon, IconSun } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { keepLanguage } from '../api/language';
import type { Language, User } from '../api/types';
import { languages, setLanguage } from '../i18n';

/** Switches the language; for a signed-in user the choice is kept in the account too. */
export function LanguageMenu({ user, onPick }: { user?: User; onPick?: (l: Language) => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const choose = (language: Language) => {
    setLanguage(language);
    onPick?.(language);
    if (!user) return;
    void client.cancelQueries({ queryKey: ['me'] }); // its answer is of before
    client.setQueryData<User>(['me'], { ...user, language });
    keepLanguage(user.id, language);
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`${t('ui.language')} / Language`} data-testid="language">
          <IconLanguage size={20} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {languages.map((l) => (
          <Menu.Item key={l.value} onClick={() => choose(l.value)} lang={l.value} data-testid={`language-${l.value}`}
            rightSection={i18n.language === l.value ? <IconCheck size={15} /> : null}>
            {l.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function SchemeMenu() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const icons = { light: IconSun, dark: IconMoon, auto: IconBrightness };
  const Icon = icons[colorScheme];
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('ui.scheme')} data-testid="scheme">
          <Icon size={20} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(['light', 'dark', 'auto'] as const).map((s) => (
          <Menu.Item key={s} onClick={() => setColorScheme(s)} data-testid={`scheme-${s}`}
            rightSection={colorScheme === s ? <IconCheck size={15} /> : null}>
            {t(`ui.${s}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
