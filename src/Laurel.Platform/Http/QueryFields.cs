using System.Globalization;
using System.Text;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Laurel.Platform.Http;

/// <summary>The parameters of a query string, read as <see cref="JsonFields"/> reads a body: every fault is noted, none
/// throws, and parameters nobody asked for are refused.</summary>
/// <remarks>Names are matched exactly. A parameter without a value counts as given and empty.</remarks>
public sealed class QueryFields(HttpRequest request)
{
    /// <summary>The largest page of any list.</summary>
    public const int LimitMax = 200;

    /// <summary>The page of a list when nothing else is asked.</summary>
    public const int LimitByDefault = 50;

    /// <summary>The parameter of the page size.</summary>
    public const string LimitName = "limit";

    /// <summary>The parameter of where to go on.</summary>
    public const string CursorName = "cursor";

    private readonly IQueryCollection? _query = request.QueryString.HasValue ? request.Query : null;
    private readonly List<string> _asked = [];
    private List<FieldError>? _faults;

    /// <summary>Null when nothing is at fault; ask after everything was read.</summary>
    public RequestFailure? Failure => _faults is null ? null : RequestFailure.Of(_faults);

    /// <summary>The page size asked for: 1 to <see cref="LimitMax"/>, or <see cref="LimitByDefault"/>.</summary>
    public int Limit() => (int)(IntegerOrNull(LimitName, 1, LimitMax) ?? LimitByDefault);

    /// <summary>The numbers of the cursor; null when absent or at fault.</summary>
    /// <param name="count">How many numbers this list's cursors hold.</param>
    public long[]? CursorOrNull(int count)
    {
        if (Find(CursorName) is not { } text)
        {
            return null;
        }

        var values = new long[count];
        if (Cursor.TryRead(text, values))
        {
            return values;
        }

        Fail(CursorName, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Cursor));
        return null;
    }

    /// <summary>An integer in decimal digits with an optional minus; null when absent or at fault.</summary>
    public long? IntegerOrNull(string name, long min, long max)
    {
        if (Find(name) is not { } text)
        {
            return null;
        }

        if (!IsInteger(text))
        {
            Fail(name, FieldErrorCode.NotAnInteger);
            return null;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max)
        {
            return value;
        }

        Fail(name, FieldErrorCode.OutOfRange, ("min", min), ("max", max));
        return null;
    }

    /// <summary>Text that is not blank; null when absent or at fault.</summary>
    public string? TextOrNull(string name, int lengthMax)
    {
        if (Find(name) is not { } text)
        {
            return null;
        }

        return FieldText.Fault(text, lengthMax) is { } fault ? FailText(name, fault, lengthMax) : text;
    }

    /// <summary>As <see cref="JsonFields.IdentifierOrNull"/>.</summary>
    public string? IdentifierOrNull(string name, int lengthMax)
    {
        if (Find(name) is not { } text)
        {
            return null;
        }

        return FieldText.IdentifierFault(ref text, lengthMax) is { } fault ? FailText(name, fault, lengthMax) : text;
    }

    /// <summary>One of the words allowed, matched exactly; null when absent or at fault.</summary>
    public string? ChoiceOrNull(string name, params ReadOnlySpan<string> allowed)
    {
        if (Find(name) is not { } text)
        {
            return null;
        }

        foreach (var choice in allowed)
        {
            if (choice == text)
            {
                return choice;
            }
        }

        Fail(name, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(allowed)));
        return null;
    }

    /// <summary>As <see cref="JsonFields.TimeOrNull"/>.</summary>
    public Instant? TimeOrNull(string name)
    {
        if (Find(name) is not { } text)
        {
            return null;
        }

        if (!Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var time))
        {
            Fail(name, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Time));
            return null;
        }

        if (time >= Rfc3339.Earliest && time <= Rfc3339.Latest)
        {
            return time;
        }

        Fail(name, FieldErrorCode.OutOfRange, ("min", Rfc3339.Earliest), ("max", Rfc3339.Latest));
        return null;
    }

    /// <summary>A day like 2026-01-31; null when absent or at fault.</summary>
    public DateOnly? DayOrNull(string name)
    {
        if (Find(name) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1900 and <= 2999)
        {
            return day;
        }

        Fail(name, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Day));
        return null;
    }

    /// <summary>A member id in decimal digits; null when absent or at fault.</summary>
    public MemberId? MemberIdOrNull(string name)
    {
        if (Find(name) is not { } text)
        {
            return null;
        }

        if (MemberId.TryParse(text, out var id))
        {
            return id;
        }

        Fail(name, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.MemberId));
        return null;
    }

    /// <summary><c>true</c> or <c>false</c>; <paramref name="byDefault"/> when absent or at fault.</summary>
    public bool Flag(string name, bool byDefault)
    {
        switch (Find(name))
        {
            case null:
                return byDefault;
            case "true":
                return true;
            case "false":
                return false;
            default:
                Fail(name, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Flag));
                return byDefault;
        }
    }

    /// <summary>Notes a fault of a parameter that the caller found.</summary>
    public void Fail(string name, string code, params (string Name, object? Value)[] values) =>
        (_faults ??= []).Add(new FieldError(code, FieldOrigin.Query, name, values));

    /// <summary>Notes a fault of every parameter that was not asked for; call it last.</summary>
    public void RefuseUnknown()
    {
        if (_query is null)
        {
            return;
        }

        foreach (var (name, _) in _query)
        {
            if (!_asked.Contains(name) && (_faults is null || _faults.Count < JsonSource.FaultsMax))
            {
                Fail(name, FieldErrorCode.UnknownField);
            }
        }
    }

    private static bool IsInteger(ReadOnlySpan<char> text)
    {
        var digits = text.StartsWith('-') ? text[1..] : text;
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9') && text is not "-0";
    }

    private string? Find(string name)
    {
        _asked.Add(name);
        if (_query is null || !_query.TryGetValue(name, out var values))
        {
            return null;
        }

        if (values.Count > 1)
        {
            Fail(name, FieldErrorCode.DuplicateField);
            return null;
        }

        return SpelledAs(name) ? values.ToString() : null;
    }

    // The framework finds parameters in any case; ours have one spelling, and another one is unknown.
    private bool SpelledAs(string name)
    {
        foreach (KeyValuePair<string, StringValues> pair in _query!)
        {
            if (pair.Key == name)
            {
                return true;
            }
        }

        return false;
    }

    private string? FailText(string name, string fault, int lengthMax)
    {
        Fail(name, fault, ("max", lengthMax), ("expected", FieldFormats.Identifier));
        return null;
    }
}
