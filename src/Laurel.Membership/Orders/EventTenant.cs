using System.Text.Json;

namespace Laurel.Membership.Orders;

/// <summary>The tenant that an event names itself, by the CloudEvents extension attribute <c>tenant</c>: for doors whose callers have no
/// credentials of one tenant. A batch of events names none.</summary>
public static class EventTenant
{
    public const string Attribute = "tenant";

    /// <summary>What the attribute says; empty where it is no text, so that no tenant is found by it; null where there is none, or the body is
    /// no single event.</summary>
    public static string? Of(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            string? named = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isTenant = reader.ValueTextEquals(Attribute);
                if (!reader.Read() || !reader.TrySkip())
                {
                    return null;
                }

                // Said twice, it is no name.
                named = !isTenant ? named : named is null && reader.TokenType == JsonTokenType.String ? reader.GetString() : "";
            }

            return named;
        }
        catch (JsonException)
        {
            // What is wrong with the body is told by whoever reads its events.
            return null;
        }
    }
}
