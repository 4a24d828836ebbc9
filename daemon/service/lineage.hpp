// One process after another on one time line: what a run leaves for the next, and how the next goes
// on with its line. Decides only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/image.hpp"
#include "model/time.hpp"

namespace trainstop::service {

/// One life of the daemon.
struct Run {
  Instant started;               ///< on the line
  std::string boot_id;           ///< of the machine's present boot
  Duration line_offset{0};       ///< the line minus CLOCK_BOOTTIME
  std::optional<Instant> ended;  ///< on the line; without it the process was killed
};

/// The image of a run; `fields` are for people: version, configuration, process id.
Image image_of(const Run& run, Value::Object fields);

/// The last run that the journal knows.
std::optional<Run> last_run(const std::vector<Image>& present);

/// UTC minus the line when it was last known; zero when it never was.
Duration last_utc_shift(const std::vector<Image>& present);

/// The offset with which the line goes on as if this process were the last one. Empty after a boot
/// (or where the boot clock can't be the same one): then only UTC connects the two.
std::optional<Duration> resumed_offset(const Run& last, const std::string& boot_id,
                                       Duration boot_time, Duration utc_shift, Instant last_utc);

/// The UTC with which the line goes on after a boot. The machine's clock may be wrong after it, and
/// so may the API's Date: the earlier decides, so that no job grows older than it is. A wall clock
/// that lies before `last_utc`, what the journal saw last, has lost its time and decides nothing;
/// one that agrees with the Date is finer than it. What the journal saw is itself no time to go on
/// with: it may have been written by a clock that was ahead.
Instant utc_after_boot(Instant wall, Instant api_date, Instant last_utc);

/// Of the machine's present boot; empty where the kernel does not tell.
std::string read_boot_id();

}  // namespace trainstop::service
