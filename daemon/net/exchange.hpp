// One request and its reply on an open connection.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "net/connection.hpp"
#include "net/http.hpp"

namespace trainstop::net {

struct Exchange {
  Exchange(Outcome o, bool r, bool b) : outcome(std::move(o)), is_reusable(r), reply_began(b) {}
  Outcome outcome;
  bool is_reusable;  ///< the connection can carry another request
  bool reply_began;  ///< a byte of the reply has come
};

/// Never throws but on cancellation. `connection` must outlive it; `options` is the call's, shared
/// by its attempts.
boost::asio::awaitable<Exchange> exchange(Connection& connection, std::string request,
                                          std::shared_ptr<CallOptions> options,
                                          std::function<Instant()> now, Deadline deadline);

}  // namespace trainstop::net
