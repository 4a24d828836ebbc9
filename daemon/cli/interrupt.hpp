// Commands that go on until somebody has seen enough.
#pragma once

namespace trainstop::cli {

/// From here on SIGINT and SIGTERM only interrupt waits and writes.
void catch_signals();
/// Whether one of them has come since.
bool interrupted();

}  // namespace trainstop::cli
