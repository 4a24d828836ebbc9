// Our class of the API's free-text `current_status`.
#pragma once

#include <cstdint>
#include <string_view>

namespace trainstop {

enum class Phase : std::uint8_t { queued, deploying, running, ended, unknown };

/// The class of a status name such as `TRAINING_JOB_RUNNING`. A name that nobody documented is
/// `unknown`, which means alive, unless its ending says that it is over (`…_COMPLETED`, `…_FAILED`,
/// `…_STOPPED`, …).
Phase phase_of(std::string_view status);

/// `queued`, `deploying`, `running`, `ended`, `unknown`.
std::string_view to_string(Phase phase);

}  // namespace trainstop
