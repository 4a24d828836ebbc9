// What a person's hand changes.
#include "core/machine.hpp"

namespace trainstop::core {

void Core::Impl::take(const Command& fact) {
  act(Answer{fact.token, Answer::Outcome::refused, "not yet", {}});
}

void Core::Impl::take(const Reload& fact) {
  act(Answer{fact.token, Answer::Outcome::refused, "not yet", {}});
}

}  // namespace trainstop::core
