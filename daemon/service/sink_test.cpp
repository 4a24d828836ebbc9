#include "service/sink_test.hpp"

#include <fmt/format.h>

#include <utility>

namespace trainstop::service {

core::Answer answer_of(const std::vector<notify::Tested>& tested) {
  core::Answer answer;
  Value::Array sinks;
  std::size_t delivered = 0;
  std::string problems;
  for (const notify::Tested& each : tested) {
    Value::Object sink;
    sink.emplace_back("sink", each.sink);
    sink.emplace_back("delivered", each.delivered);
    if (each.delivered) {
      ++delivered;
    } else {
      sink.emplace_back("problem", each.problem);
      problems += fmt::format("; {}: {}", each.sink, each.problem);
    }
    sinks.emplace_back(std::move(sink));
  }
  const bool all = delivered == tested.size();
  answer.outcome = all ? core::Answer::Outcome::done : core::Answer::Outcome::refused;
  answer.message = fmt::format("{} of {} sink{} took the test{}", delivered, tested.size(),
                               tested.size() == 1 ? "" : "s", problems);
  answer.fields.emplace_back("sinks", std::move(sinks));
  return answer;
}

void test_sinks(notify::Notifier& notifier, const std::optional<std::string>& sink,
                std::function<void(core::Answer)> answered) {
  const auto done = [answered](const std::vector<notify::Tested>& tested) {
    answered(answer_of(tested));
  };
  if (notifier.test(sink, done)) return;
  core::Answer answer;
  answer.outcome = core::Answer::Outcome::no_such;
  answer.message = sink ? "there is no sink '" + *sink + "'" : "no sink is configured";
  answered(std::move(answer));
}

}  // namespace trainstop::service
