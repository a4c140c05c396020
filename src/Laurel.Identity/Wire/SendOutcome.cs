using Laurel.Kernel;

namespace Laurel.Identity.Wire;

/// <summary>How handing a message to somebody who carries it went.</summary>
public abstract record SendOutcome
{
    private SendOutcome()
    {
    }

    /// <summary>It was taken over; whether it arrives is another matter.</summary>
    /// <param name="Reference">What the carrier calls it, or null.</param>
    public sealed record Sent(string? Reference) : SendOutcome;

    /// <summary>It may have been taken over. It must not be sent again by itself: nobody would know that it is the same one.</summary>
    public sealed record Unknown : SendOutcome;

    /// <summary>It was not sent.</summary>
    public sealed record Failed(Refusal Refusal) : SendOutcome;
}
