import { ActionIcon, Badge, Button, Group, TagsInput } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { may, useUser } from '../../lib/session';
import { toastOK, toastProblem } from '../../ui/toast';
import css from './contact.module.css';
import { useSetTags } from './tags';

/** The tags of one contact, and a way to change them. */
export function Tags({ id, tags }: { id: string; tags: string[] }) {
  const { t } = useTranslation();
  const manage = may(useUser(), 'manage');
  const [edited, setEdited] = useState<string[] | null>(null);
  const set = useSetTags();
  const save = () => edited && set.mutate({ id, tags: edited }, {
    onSuccess: () => {
      toastOK(t('steer.tagsSaved'));
      setEdited(null);
    },
    onError: toastProblem,
  });
  if (edited) {
    return (
      <div className={css.tagEdit}>
        <TagsInput size="xs" aria-label={t('steer.tags')} placeholder={t('steer.tagHint')} acceptValueOnBlur maxTags={20} splitChars={[',', '，', ';']} value={edited} onChange={(v) => setEdited(v.map((x) => x.trim().slice(0, 40)))} data-autofocus data-testid="contact-tags-input" />
        <Group gap={6} mt={6}>
          <Button size="compact-xs" loading={set.isPending} onClick={save} data-testid="contact-tags-save">{t('segments.save')}</Button>
          <Button size="compact-xs" variant="default" onClick={() => setEdited(null)}>{t('act.cancel')}</Button>
        </Group>
      </div>
    );
  }
  return (
    <span className={css.tags} data-testid="contact-tags">
      {tags.map((x) => <Badge key={x} variant="light" maw={200} title={x}>{x}</Badge>)}
      {tags.length === 0 && <span className={css.soft}>{t('steer.noTags')}</span>}
      {manage && <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('steer.editTags')} onClick={() => setEdited(tags)} data-testid="contact-tags-edit"><IconPencil size={14} /></ActionIcon>}
    </span>
  );
}
