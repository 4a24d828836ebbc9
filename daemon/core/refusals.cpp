// Calls that an account's key is refused for. Each answers for itself: a key that may list jobs
// need not be allowed to read prices, or to stop.
#include <array>

#include "core/machine.hpp"

namespace trainstop::core {

std::string_view to_string(Call call) {
  constexpr std::array<std::string_view, 5> kNames{"list", "read", "stop", "prices", "projects"};
  return kNames.at(static_cast<std::size_t>(call));
}

void Core::Impl::refuse(Account& account, Call call, const Failure& failure) {
  Trouble& trouble = account.refused[call];
  if (!trouble.lasts()) trouble.since = now;
  // A key that may not even list is of no use: that says it all.
  if (call != Call::list && account.refused.contains(Call::list)) return;
  if (now < saturating_add(trouble.told, kTellAgain)) return;
  trouble.told = now;
  const policy::Account& configured = config.accounts[account.index];
  tell("api.auth_failed", Level::error, "account " + configured.name + ": " + failure.message)
      .with("account", configured.name)
      .with("call", to_string(call))
      .with("since", utc(trouble.since));
}

void Core::Impl::allow(Account& account, Call call) {
  const auto found = account.refused.find(call);
  if (found == account.refused.end()) return;
  const Trouble trouble = found->second;
  account.refused.erase(found);
  if (!trouble.lasts() || trouble.told == kLongAgo) return;
  const policy::Account& configured = config.accounts[account.index];
  tell("api.recovered", Level::info,
       "account " + configured.name + ": the key is no longer refused (" +
           std::string(to_string(call)) + ")")
      .with("account", configured.name)
      .with("call", to_string(call))
      .with("since", utc(trouble.since));
}

/// Without a stop nothing shows any more whether the key may read and stop jobs; what was told is
/// not told again within the hour.
void Core::Impl::lapse_refusals(Account& account) {
  for (const Call call : {Call::read, Call::stop}) {
    const auto found = account.refused.find(call);
    if (found != account.refused.end()) found->second.since = kNever;
  }
}

}  // namespace trainstop::core
