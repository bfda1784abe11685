import { Anchor, Button, Table } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCampaigns } from '../../api/queries';
import { useFormats } from '../../lib/format';
import { Empty, Load, Panel, Scroll } from '../../ui/ui';
import { fileURL, useLog, type Named, type Overview } from './api';
import { RollbackDialog } from './Dialogs';
import css from './scripts.module.css';

function Log({ id }: { id: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const log = useLog(id);
  const names = new Map((useCampaigns().data ?? []).map((c) => [c.id, c.name]));
  return (
    <Panel title={t('scripts.log')}>
      <Load query={log} rows={2} empty={(l) => l.length === 0} whenEmpty={<Empty title={t('scripts.noLog')} />}>
        {(items) => (
          <Scroll>
            <Table className={css.table}>
              <Table.Thead><Table.Tr><Table.Th w={170}>{t('scripts.when')}</Table.Th><Table.Th w={160}>{t('scripts.by')}</Table.Th><Table.Th w={190}>{t('scripts.what')}</Table.Th><Table.Th>{t('scripts.note')}</Table.Th><Table.Th>{t('campaigns.title')}</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {items.map((l, i) => (
                  <Table.Tr key={i}>
                    <Table.Td>{f.dateTime(l.at)}</Table.Td><Table.Td>{l.by}</Table.Td>
                    <Table.Td>{t(l.act === 'publish' ? 'scripts.didPublish' : 'scripts.didRollback', { version: l.version })}</Table.Td>
                    <Table.Td>{l.note}</Table.Td><Table.Td className={css.soft}>{(l.campaigns ?? []).map((c) => names.get(c) ?? '…').join(', ')}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Scroll>
        )}
      </Load>
    </Panel>
  );
}

interface Props { data: Overview; using: Named[]; manage: boolean; onOpen: (version: number) => void }

/** What was published, who uses it, and the way back. */
export function VersionsView({ data, using, manage, onOpen }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const [back, setBack] = useState(0);
  return (
    <div className={css.stack}>
      <Panel title={t('scripts.versions')}>
        {data.versions.length === 0 ? <Empty title={t('scripts.noVersions')} hint={t('scripts.noVersionsHint')} /> : (
          <Scroll>
            <Table className={css.table}>
              <Table.Thead><Table.Tr><Table.Th w={90}>{t('scripts.version')}</Table.Th><Table.Th w={170}>{t('scripts.when')}</Table.Th><Table.Th w={130}>{t('scripts.by')}</Table.Th><Table.Th>{t('scripts.note')}</Table.Th><Table.Th>{t('campaigns.title')}</Table.Th><Table.Th w={330}><span className={css.hidden}>{t('board.actions')}</span></Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {data.versions.map((v) => (
                  <Table.Tr key={v.version} data-testid="version-row">
                    <Table.Td className="num">{t('scripts.versionN', { n: v.version })}</Table.Td><Table.Td>{f.dateTime(v.created_at)}</Table.Td><Table.Td>{v.created_by}</Table.Td><Table.Td>{v.note}</Table.Td>
                    <Table.Td>{(v.campaigns ?? []).map((c) => c.name).join(', ')}</Table.Td>
                    <Table.Td className={css.right}>
                      <Anchor href={fileURL(data.id, v.version, 'text')} download size="xs">{t('scripts.textShort')}</Anchor>
                      <Anchor href={fileURL(data.id, v.version, 'json')} download size="xs">JSON</Anchor>
                      {manage && <Button size="compact-xs" variant="default" onClick={() => onOpen(v.version)}>{t('scripts.toDraft')}</Button>}
                      {manage && <Button size="compact-xs" variant="default" onClick={() => setBack(v.version)} data-testid="rollback">{t('scripts.rollback')}</Button>}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Scroll>
        )}
      </Panel>
      <Log id={data.id} />
      {back > 0 && <RollbackDialog id={data.id} version={back} using={using} onClose={() => setBack(0)} />}
    </div>
  );
}
