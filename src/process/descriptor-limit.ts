/**
 * How many files and sockets this process may have open at once (`ulimit -n`; Node raises the soft limit to the hard one when it
 * starts). `Infinity` where the system sets none, or does not say.
 */
export function descriptorLimit(): number {
  // Else the report looks up the names of peers; the property is newer than the types.
  Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = process.report.getReport() as Report;
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}

/** The part of Node's diagnostic report that says it; Windows has none. */
interface Report {
  readonly userLimits?: { readonly open_files?: { readonly soft: number | 'unlimited' } };
}
