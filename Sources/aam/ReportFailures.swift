import Collectives
import HTMLReport
import Reporting

// Reporting knows nothing of jobs; here its errors get their place in the report of a job's failure.
extension ReportError: ExplainedError {}
extension RunFolderError: ExplainedError {}
