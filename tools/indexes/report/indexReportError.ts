/** Why a baseline could not be taken or two not be compared, in a sentence for whoever asked. */
export class IndexReportError extends Error {
  override readonly name = "IndexReportError";
}
