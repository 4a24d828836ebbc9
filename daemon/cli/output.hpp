// Lines on standard output, for a reader that may go away.
#pragma once

#include <string_view>
#include <system_error>

namespace trainstop::cli {

/// Writes all of it, waiting for the reader. EPIPE: nobody reads any more (SIGPIPE must be
/// ignored); EINTR: a signal came whose handler lets a write be interrupted.
std::error_code write_all(int descriptor, std::string_view text);

/// Waits for so long; true when meanwhile nobody reads what is written any more.
bool wait_for_reader_to_leave(int descriptor, int milliseconds);

}  // namespace trainstop::cli
