#include "baseten/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "baseten/decode.hpp"

namespace trainstop::baseten {

namespace {

constexpr std::size_t kLongestHost = 255;

FailureKind kind_of(unsigned status) {
  if (status == 429) return FailureKind::rate_limited;
  if (status == 401 || status == 403) return FailureKind::unauthorized;
  if (status == 404) return FailureKind::not_found;
  if (status / 100 == 4) return FailureKind::client_error;
  if (status / 100 == 5) return FailureKind::server_error;
  return FailureKind::unusable;
}

std::string redirect_words(const net::Response& response) {
  const auto url = boost::urls::parse_uri_reference(response.location);
  if (!url || url->host().empty()) return fmt::format("unexpected redirect ({})", response.status);
  return fmt::format("unexpected redirect to {}", quotable(url->host(), kLongestHost));
}

std::string words_of(FailureKind kind, const net::Response& response,
                     const std::optional<Duration>& retry_after) {
  switch (kind) {
    case FailureKind::rate_limited:
      if (!retry_after) return "rate limited (429)";
      return fmt::format("rate limited (429), retry after {}", format_duration(*retry_after));
    case FailureKind::unauthorized:
      return fmt::format("key refused ({})", response.status);
    case FailureKind::not_found:
      return "not found (404)";
    case FailureKind::client_error:
      return fmt::format("request refused ({})", response.status);
    case FailureKind::server_error:
      return fmt::format("server error ({})", response.status);
    default:
      if (response.status / 100 == 3) return redirect_words(response);
      return fmt::format("unexpected status {}", response.status);
  }
}

}  // namespace

std::optional<Failure> failure_of(const net::Response& response) {
  if (response.status / 100 == 2) return {};
  const ErrorBody body = decode_error(response.body);
  Failure failure;
  failure.kind = kind_of(response.status);
  failure.status = response.status;
  failure.retry_after = std::max(response.retry_after, body.retry_after);
  failure.message = words_of(failure.kind, response, failure.retry_after);
  if (!body.message.empty()) failure.message += ": " + body.message;
  return failure;
}

}  // namespace trainstop::baseten
