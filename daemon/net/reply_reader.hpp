// A reply from bytes as they come: status, the few headers that matter, the body within its limit.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "net/http.hpp"

namespace trainstop::net {

class ReplyReader {
 public:
  enum class Progress : std::uint8_t { more, done, failed };

  ReplyReader(std::uint64_t max_body, std::function<bool(std::string_view)> sink);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  /// Where the next bytes go; valid until commit.
  boost::asio::mutable_buffer prepare();
  Progress commit(std::size_t size);
  /// The peer closed the connection.
  Progress end();

  /// The error after `failed`; none when the sink refused the body.
  boost::system::error_code error() const;
  bool began() const;       ///< any byte has come
  bool has_header() const;  ///< the final reply's header is complete
  /// Whether the connection can carry another request; after `done`.
  bool is_reusable() const;
  /// `sent` and `received` are left alone.
  Response take();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace trainstop::net
