// Makes an account's Api from its configuration and key; for the daemon and for `check --online`.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "baseten/api.hpp"
#include "net/resolver.hpp"
#include "policy/config.hpp"

namespace trainstop::service {

struct Surroundings {
  Surroundings() = default;
  boost::asio::any_io_executor executor;
  std::shared_ptr<net::Resolver> resolver;
  std::function<Instant()> now;  ///< the daemon's line
  std::function<void(JobSnapshot&, Instant received)> translate;
};

/// The failure says which part of the account's configuration can't be used.
Result<std::unique_ptr<baseten::Api>> connect(const policy::Config& config,
                                              const policy::Account& account,
                                              const std::string& key, Surroundings surroundings);

}  // namespace trainstop::service
