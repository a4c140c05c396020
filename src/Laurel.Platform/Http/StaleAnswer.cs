using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Http;

/// <summary>Marks an answer that may be out of date, given because the database did not answer.</summary>
public static class StaleAnswer
{
    /// <summary>Adds <c>Age</c> in seconds (RFC 9111 §5.1) and <c>Warning: 110</c> (RFC 7234 §5.5.1).</summary>
    /// <param name="age">Null marks nothing.</param>
    public static void Mark(HttpResponse response, TimeSpan? age)
    {
        if (age is { } old)
        {
            response.Headers.Age = ((long)old.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            response.Headers.Warning = "110 - \"Response is Stale\"";
        }
    }
}
