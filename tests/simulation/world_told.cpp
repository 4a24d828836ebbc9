// What the core has told, as tests ask for it.
#include <algorithm>

#include "simulation/world.hpp"

namespace trainstop::test {

std::vector<Event> World::told(const std::string& name, const std::string& job) const {
  std::vector<Event> found;
  for (const Event& event : events) {
    const Value* of = event.find("job");
    if (event.name != name) continue;
    if (!job.empty() && (of == nullptr || *of != Value(job))) continue;
    found.push_back(event);
  }
  return found;
}

std::vector<std::string> World::story(const std::string& job,
                                      const std::vector<std::string>& prefixes) const {
  std::vector<std::string> names;
  for (const Event& event : events) {
    const Value* of = event.find("job");
    const bool wanted =
        std::any_of(prefixes.begin(), prefixes.end(),
                    [&](const std::string& prefix) { return event.name.starts_with(prefix); });
    if (wanted && of != nullptr && *of == Value(job)) names.push_back(event.name);
  }
  return names;
}

Trouble failing(FailureKind kind, unsigned status) {
  Trouble trouble;
  trouble.failure = Failure{kind, std::string(to_string(kind)), status, {}};
  return trouble;
}

}  // namespace trainstop::test
