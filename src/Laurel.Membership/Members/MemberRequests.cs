using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Members;

/// <summary>Answers reads of one member, all in the same way.</summary>
internal static class MemberRequests
{
    /// <summary>Reads what the caller asks to be shown of a member, and says in the answer's headers who told it and how old it is.</summary>
    public static async Task<T> ReadMemberAsync<T>(
        this HttpContext context, MemberCache members, ReadRouter router, TenantId tenant, MemberId member, Func<MemberSource, Task<T>> read)
    {
        var answer = await members.ReadAsync(context.Demand(), tenant, member, read);
        context.TellSource(router, answer.Source);
        StaleAnswer.Mark(context.Response, answer.StaleFor);
        return answer.Value;
    }
}
