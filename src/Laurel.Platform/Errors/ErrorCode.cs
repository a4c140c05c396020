namespace Laurel.Platform.Errors;

/// <summary>The codes of <see cref="ErrorCatalog"/> by name, so that the compiler checks their spelling.</summary>
public static class ErrorCode
{
    public const string ValidationFailed = "VALIDATION_FAILED";
    public const string BodyMalformed = "BODY_MALFORMED";
    public const string BodyTooLarge = "BODY_TOO_LARGE";
    public const string MediaTypeUnsupported = "MEDIA_TYPE_UNSUPPORTED";
    public const string Unauthorized = "UNAUTHORIZED";
    public const string Forbidden = "FORBIDDEN";
    public const string NotFound = "NOT_FOUND";
    public const string MethodNotAllowed = "METHOD_NOT_ALLOWED";
    public const string MemberNotFound = "MEMBER_NOT_FOUND";
    public const string MemberExists = "MEMBER_EXISTS";
    public const string MemberInactive = "MEMBER_INACTIVE";
    public const string OrderNotFound = "ORDER_NOT_FOUND";
    public const string OrderLineNotFound = "ORDER_LINE_NOT_FOUND";
    public const string OrderLinesExceedAmount = "ORDER_LINES_EXCEED_AMOUNT";
    public const string RefundExceedsOrder = "REFUND_EXCEEDS_ORDER";
    public const string CurrencyMismatch = "CURRENCY_MISMATCH";
    public const string PointsInsufficient = "POINTS_INSUFFICIENT";
    public const string PointsOverLimit = "POINTS_OVER_LIMIT";
    public const string HoldNotFound = "HOLD_NOT_FOUND";
    public const string HoldClosed = "HOLD_CLOSED";
    public const string HoldExceeded = "HOLD_EXCEEDED";
    public const string HoldEndsBeforeItBegins = "HOLD_ENDS_BEFORE_IT_BEGINS";
    public const string LotNotFound = "LOT_NOT_FOUND";
    public const string LotNotPending = "LOT_NOT_PENDING";
    public const string LotNotLive = "LOT_NOT_LIVE";
    public const string LotHeld = "LOT_HELD";
    public const string ActivationOutOfRange = "ACTIVATION_OUT_OF_RANGE";
    public const string ExpiryOutOfRange = "EXPIRY_OUT_OF_RANGE";
    public const string ReinstatementTooLate = "REINSTATEMENT_TOO_LATE";
    public const string NothingToReinstate = "NOTHING_TO_REINSTATE";
    public const string ReturnNotFound = "RETURN_NOT_FOUND";
    public const string ReturnClosed = "RETURN_CLOSED";
    public const string TransferToSelf = "TRANSFER_TO_SELF";
    public const string TimeInFuture = "TIME_IN_FUTURE";
    public const string AsOfTooEarly = "AS_OF_TOO_EARLY";
    public const string Conflict = "CONFLICT";
    public const string IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED";
    public const string AmountOverflow = "AMOUNT_OVERFLOW";
    public const string EventTypeUnknown = "EVENT_TYPE_UNKNOWN";
    public const string EventNotFound = "EVENT_NOT_FOUND";
    public const string WebhookNotFound = "WEBHOOK_NOT_FOUND";
    public const string WebhookUrlRefused = "WEBHOOK_URL_REFUSED";
    public const string WebhookLimitReached = "WEBHOOK_LIMIT_REACHED";
    public const string TenantNotFound = "TENANT_NOT_FOUND";
    public const string Busy = "BUSY";
    public const string QuotaMemberBusy = "QUOTA_MEMBER_BUSY";
    public const string DatabaseUnavailable = "DATABASE_UNAVAILABLE";
    public const string ReadOnly = "READ_ONLY";
    public const string LeaseLost = "LEASE_LOST";
    public const string Internal = "INTERNAL";
}
