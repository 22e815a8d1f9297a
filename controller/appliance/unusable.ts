import { BrokerError } from '#broker/broker-error.ts';
import { ListenFailed } from '#dns/listening.ts';
import { RecordsInUse, RecordsUnavailable } from '#records/trouble.ts';
import { SettingsUnreadable, SettingsUnwritable } from '#settings/durable.ts';
import { SettingsInconsistent } from '#settings/repair.ts';
import { PortUnusable } from '#web/listen.ts';
import { ConfigurationUnusable } from './configuration-unusable.ts';

const UNUSABLE = [
  ConfigurationUnusable,
  RecordsInUse,
  RecordsUnavailable,
  SettingsUnreadable,
  SettingsUnwritable,
  SettingsInconsistent,
  ListenFailed,
  BrokerError,
  PortUnusable,
];

/** Whether `error`, thrown at the start, is for the person who set the box up: then its message says what is wrong. */
export function isUnusable(error: unknown): error is Error {
  return UNUSABLE.some((kind) => error instanceof kind);
}
