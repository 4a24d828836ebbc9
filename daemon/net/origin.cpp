// Base URLs: what is accepted, and in which words the rest is refused.
#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "net/http.hpp"

namespace trainstop::net {

namespace {

// No base URL anyone means is longer.
constexpr std::size_t kLongestUrl = 2048;
constexpr std::uint16_t kHttpPort = 80;

Failure refuse(std::string words) {
  Failure failure;
  failure.kind = FailureKind::unusable;
  failure.message = std::move(words);
  return failure;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

/// The host without brackets, in lower case; empty when there is none that can be asked for.
std::string host_of(const boost::urls::url_view& url) {
  if (url.host_type() == boost::urls::host_type::ipvfuture) return {};
  std::string host(url.host_address());
  if (host.find_first_of(" \t\r\n%") != std::string::npos) return {};
  for (char& c : host) {
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f) return {};
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return host;
}

/// Boost.URL's own number wraps around.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || rest != end || port == 0) return {};
  return port;
}

}  // namespace

Result<Origin> parse_origin(std::string_view base_url) {
  if (base_url.size() > kLongestUrl) return refuse("is longer than 2048 characters");
  const auto parsed = boost::urls::parse_uri({base_url.data(), base_url.size()});
  if (!parsed) return refuse("is not a URL; expected https://HOST[:PORT][/PATH]");
  const boost::urls::url_view& url = *parsed;
  Origin origin;
  if (url.scheme_id() == boost::urls::scheme::http) {
    origin.tls = false;
    origin.port = kHttpPort;
  } else if (url.scheme_id() != boost::urls::scheme::https) {
    return refuse("must begin with https://");
  }
  if (url.has_userinfo()) return refuse("must not hold a user name or password");
  if (url.has_query()) return refuse("must not hold a query (?…)");
  if (url.has_fragment()) return refuse("must not hold a fragment (#…)");
  origin.host = host_of(url);
  if (origin.host.empty()) return refuse("has no host name");
  if (url.has_port() && !url.port().empty()) {
    const auto port = parse_port({url.port().data(), url.port().size()});
    if (!port) return refuse("has a port that is not between 1 and 65535");
    origin.port = *port;
  }
  if (!origin.tls && !is_loopback(origin.host)) {
    return refuse("must begin with https:// (http:// only for a loopback address)");
  }
  origin.base_path = std::string(url.encoded_path());
  while (origin.base_path.ends_with('/')) origin.base_path.pop_back();
  return origin;
}

}  // namespace trainstop::net
