/** What the public functions refuse (SQLSTATE), as the problem that a client is told, with the function's own sentence. */
import { BadRequestException, ConflictException, type HttpException, NotFoundException, ServiceUnavailableException } from '@nestjs/common';

const REFUSALS: Readonly<Record<string, (detail: string) => HttpException>> = {
  TW003: (detail) => new NotFoundException({ title: 'Not found', detail }),
  TW004: (detail) => new ConflictException({ title: 'Acknowledged already', detail }),
  TW005: (detail) => new NotFoundException({ title: 'Not found', detail }),
  TW006: (detail) => new ConflictException({ title: 'Calendar full', detail }),
};

/** What `work` gives; a refusal as the problem it is, anything else as it was thrown. */
export async function orRefused<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    const refusal = REFUSALS[code];
    if (refusal !== undefined) throw refusal(message);
    if (code === '22023' && message.startsWith('role ')) throw new ServiceUnavailableException({ title: 'Role missing', detail: `${message}: run "tidewatch migrate", which makes it or says who may` });
    if (code.startsWith('22')) throw new BadRequestException({ title: 'Bad body', detail: message });
    throw error;
  }
}
