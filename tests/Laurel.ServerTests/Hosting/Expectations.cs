using Shouldly;

namespace Laurel.ServerTests.Hosting;

/// <summary>What Shouldly has no word for.</summary>
internal static class Expectations
{
    /// <summary>Exactly one item is so; it is returned.</summary>
    public static T ShouldHaveSingleItemThat<T>(this IEnumerable<T> items, Func<T, bool> isSo) =>
        items.Where(isSo).ToArray().ShouldHaveSingleItem();
}
