// `notify test` as a person's command: asks the sinks, and says what they said.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/effects.hpp"
#include "notify/notifier.hpp"

namespace trainstop::service {

/// Sends a test to one sink or to all, and calls `answered` once: done when each has taken it,
/// refused when one has not, with what each said under `sinks`; no_such without such a sink.
void test_sinks(notify::Notifier& notifier, const std::optional<std::string>& sink,
                std::function<void(core::Answer)> answered);

core::Answer answer_of(const std::vector<notify::Tested>& tested);

}  // namespace trainstop::service
