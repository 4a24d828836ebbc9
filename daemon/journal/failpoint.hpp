// Places where a test may end or delay the process. Only in builds for tests: elsewhere they are
// nothing.
#pragma once

#ifdef TRAINSTOP_FAILPOINTS

namespace trainstop::journal {

/// Does what TRAINSTOP_FAILPOINT asks for at this place: `NAME` kills the process when it first
/// comes here, `NAME:3` the third time, `NAME=1500` waits so many milliseconds at every visit.
void failpoint(const char* name);

}  // namespace trainstop::journal

#define TRAINSTOP_FAILPOINT(name) ::trainstop::journal::failpoint(name)
#else
#define TRAINSTOP_FAILPOINT(name) static_cast<void>(0)
#endif
