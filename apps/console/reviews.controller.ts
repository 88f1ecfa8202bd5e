/**
 * The reviews of a product, each with the aspects it speaks of, by the lexicon as it is now: worked out when they are read, so that a changed lexicon holds for
 * old reviews too, and nothing is stored twice. A page of one aspect looks through so many reviews at most and then says where to go on.
 */
import { BadRequestException, Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { aspectsIn, type Aspects, type Lexicon } from '#explain-surge';
import { Needs } from './access/access.guard.js';
import { answers } from './answers/answer.js';
import { ProductReviews } from './answers/schemas.js';
import { nameOf } from './parameters.js';
import { cursorBehind, Paged, pageRequest, told, type PageRequest } from './paging.js';
import { Reader } from './reader.js';
import { Catalog, type View } from './views/catalog.js';
import { filtersOf, pageStatement } from './views/view-query.js';

const MOST_LOOKED_AT = 5_000;
const AT_ONCE = 500;

interface Found {
  readonly row: string;
  readonly page_key: readonly string[];
}
type Review = Readonly<Record<string, unknown>> & { readonly title: string | null; readonly text: string };

export class AspectLexicon {
  constructor(readonly lexicon: Lexicon) {}
}

@ApiTags('tidewatch')
@Controller('api/products')
@Needs('read')
export class ReviewsController {
  constructor(private readonly catalog: Catalog, private readonly reader: Reader, private readonly known: AspectLexicon) {}

  @Get(':id/reviews')
  @ApiOkResponse(answers(ProductReviews))
  @ApiOperation({ summary: `Reviews of a product, newest first, with the aspects each speaks of. With \`aspect\` a page may hold fewer than \`limit\` and still have a \`next\`: it has looked through ${MOST_LOOKED_AT} reviews.` })
  @ApiParam({ name: 'id', description: 'product_id' })
  @Paged(50)
  @ApiQuery({ name: 'aspect', required: false, description: 'Only those that speak of it, such as battery; `aspects` lists those of the product.' })
  @ApiQuery({ name: 'filters', required: false, style: 'form', explode: true, description: 'By columns of the view reviews_scored, as in /api/views/reviews_scored.', schema: { type: 'object', additionalProperties: { type: 'string' } } })
  async reviews(@Param('id') id: string, @Query() query: Record<string, unknown>): Promise<unknown> {
    const { limit, cursor, aspect, ...given } = query;
    const asked = pageRequest(limit, cursor, 50);
    const view = (await this.catalog.views()).find(({ name }) => name === 'reviews_scored')!;
    const [group] = await this.reader.rows<{ group_name: string }>('select group_name from tidewatch.product_groups where product_id = $1', [nameOf(id, 'id')]);
    const aspects = this.known.lexicon.aspectsOf(group?.group_name ?? null);
    if (aspect !== undefined && !(typeof aspect === 'string' && aspects.names.includes(aspect))) throw new BadRequestException({ title: 'Bad parameter', detail: `aspect: found ${JSON.stringify(aspect).slice(0, 60)}, expected one of ${aspects.names.join(', ')}` });
    return told(async () => ({ ...(await this.look(view, { ...given, product_id: id }, asked, aspects, aspect)), aspects: aspects.names }));
  }

  private async look(view: View, given: Readonly<Record<string, unknown>>, asked: PageRequest, aspects: Aspects, wanted: string | undefined): Promise<{ rows: Review[]; next: string | null }> {
    const filters = filtersOf(view, given);
    const rows: Review[] = [];
    let cursor = asked.cursor;
    for (let seen = 0; seen < MOST_LOOKED_AT; ) {
      const size = wanted === undefined ? asked.limit : AT_ONCE;
      const { text, values } = pageStatement(view, filters, { limit: size, cursor });
      const found = await this.reader.rows<Found & Record<string, unknown>>(text, values);
      for (const [n, { row, page_key: key }] of found.slice(0, size).entries()) {
        const review = JSON.parse(row) as Review;
        const own = [...aspectsIn(aspects, review.title === null ? review.text : `${review.title}\n${review.text}`)];
        if (wanted === undefined || own.includes(wanted)) rows.push({ ...review, aspects: own });
        cursor = cursorBehind(key, filters.digest);
        seen += 1;
        if (rows.length === asked.limit) return { rows, next: n === found.length - 1 ? null : cursor };
      }
      if (found.length <= size) return { rows, next: null };
    }
    return { rows, next: cursor };
  }
}
