import { Button, Group, Modal, Stack, TagsInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Registry } from '../../api/law';
import { useSetCoverage } from '../../api/lawQueries';
import { problemText } from '../../i18n/problem';
import { toastOK } from '../../ui/toast';
import { areaOf, areasOf } from './needs';

const SHOWN = 6;

/** The numbers that a registry can speak of, in words. */
export function Area({ of }: { of: Pick<Registry, 'region' | 'coverage'> }) {
  const { t } = useTranslation();
  if (!of.coverage?.length) return <>{t('coverage.all', { region: of.region })}</>;
  return <>{of.coverage.slice(0, SHOWN).join(', ')}{of.coverage.length > SHOWN && ` ${t('coverage.more', { n: of.coverage.length - SHOWN })}`}</>;
}

interface FieldProps {
  region: string;
  value: string[];
  onChange: (v: string[]) => void;
  error?: string;
}

/** Regions and beginnings of numbers; what is neither is kept, so that it can be mended. */
export function AreaField({ region, value, onChange, error }: FieldProps) {
  const { t } = useTranslation();
  const wrong = value.find((v) => areaOf(v, region) === '');
  return (
    <TagsInput label={t('coverage.label')} description={t('coverage.hint', { region })} splitChars={[',', ' ', ';', '，', '；', '、', '\n']} maxTags={1000} acceptValueOnBlur value={value}
      onChange={(all) => onChange(areasOf(all, region))} error={wrong ? t('coverage.wrong', { value: wrong, region }) : error} data-testid="coverage-input" />
  );
}

export function CoverageDialog({ registry, opened, onClose }: { registry: Registry; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return <Modal opened={opened} onClose={onClose} title={t('coverage.ask', { name: registry.name })}><Form registry={registry} onClose={onClose} /></Modal>;
}

function Form({ registry, onClose }: { registry: Registry; onClose: () => void }) {
  const { t } = useTranslation();
  const [area, setArea] = useState(registry.coverage ?? []);
  const save = useSetCoverage();
  const bad = area.some((v) => areaOf(v, registry.region) === '');
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (bad) return;
    save.mutate({ id: registry.id, coverage: area }, {
      onSuccess: () => {
        toastOK(t('coverage.saved'));
        onClose();
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <AreaField region={registry.region} value={area} onChange={setArea} error={save.error ? problemText(save.error) : undefined} />
        <Group justify="flex-end"><Button variant="default" onClick={onClose}>{t('act.cancel')}</Button><Button type="submit" disabled={bad} loading={save.isPending} data-testid="coverage-save">{t('coverage.save')}</Button></Group>
      </Stack>
    </form>
  );
}
