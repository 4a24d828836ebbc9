// A core that knows what a journal held, and acts on nothing: for questions while no daemon runs,
// and for what other rules would do.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/core.hpp"
#include "journal/store.hpp"
#include "model/event.hpp"
#include "model/image.hpp"
#include "policy/config.hpp"

namespace trainstop::service {

struct Onlooker {
  core::Core core;            ///< has judged every job as of the given time
  std::vector<Event> events;  ///< what it would have told
};

/// The journal's error, as the shell's own failures are.
Failure unreadable(const journal::Error& error);

/// `line` is now on the daemon's line, `shift` UTC minus the line.
Onlooker look_on(policy::Config config, std::vector<Image> present, Instant line, Duration shift);

/// What other rules would do to the jobs that the journal in `directory` knows: `message`, the
/// names of the rules `added`, `changed` and `removed`, and the jobs that those rules will stop
/// (`stops`: job, job_name, rule, due_at) or warn of at once (`warns`). The failure is the
/// journal's.
Result<Value::Object> foresee(const policy::Config& from, policy::Config to,
                              const std::filesystem::path& directory, Instant utc_now);

}  // namespace trainstop::service
